// SPDX-License-Identifier: Apache-2.0

import Logging
import Notation
import ServiceLifecycle
import Spool
import Store
import Stripe
import Timing

/// Keeps the way into the database open: while the inbox's circuit breaker is open, it probes whether events are
/// accepted again, and once they are, it moves what waits in the spool into the inbox, oldest first.
///
/// What comes from disk is verified again. A record that no known secret signed is set aside in `refused/`, where
/// nothing is lost: it may be a stranger's or another installation's, or its secret was removed from the list while it
/// waited, and only an operator can tell.
package struct SpoolDrainer: Service {
    private static let interval: Duration = .milliseconds(200)

    private let inbox: Inbox
    private let spool: Spool?
    private let verifier: SignatureVerifier?
    private let logger: Logger

    /// - Parameter verifier: checks what was spooled; nil accepts all of it.
    package init(_ inbox: Inbox, spool: Spool? = nil, verifier: SignatureVerifier?, logger: Logger) {
        self.inbox = inbox
        self.spool = spool
        self.verifier = verifier
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            var trouble = DrainTrouble()
            while !Task.isCancelled {
                do {
                    try await inbox.probeIfDoubted()
                    _ = try await drain()
                    backoff.reset()
                    if trouble.worked() { logger.notice("the spool can be drained again") }
                    try await Task.sleep(for: Self.interval)
                } catch is CancellationError {
                    break
                } catch let error where error is SpoolError || error is SignatureError {
                    if trouble.failed("\(error)", at: .now) {
                        logger.error("the spool cannot be drained", metadata: ["error": "\(error)"])
                    }
                    await backoff.next()
                } catch {
                    inbox.outages.failed(.inbox, error)
                    await backoff.next()
                }
            }
        }
    }

    /// What happened to the records that waited.
    package struct Drained: Sendable, Hashable {
        package init() {}

        /// How many are now in the inbox.
        package var moved = 0
        /// How many were moved to `refused/`.
        package var setAside = 0
        /// How many pieces of damage were moved to `damaged/`.
        package var damaged = 0
    }

    /// Moves everything that waits. A segment is removed once all of it is committed; what is committed twice, because
    /// the process died in between, is recognised as a duplicate by its id.
    /// - Throws: `PostgresError`, `SpoolError`; everything that could be moved has been, the rest stays.
    package func drain() async throws -> Drained {
        var drained = Drained()
        guard let spool else { return drained }
        // If one segment cannot be read, the others are moved all the same.
        defer {
            if drained.moved > 0 { logger.notice("the spool was drained", metadata: ["events": "\(drained.moved)"]) }
        }
        while !Task.isCancelled, let segment = try await spool.oldest() {
            for damage in segment.damage {
                logger.error(
                    "damaged bytes of the spool were set aside",
                    metadata: ["file": "\(damage.file)", "bytes": "\(damage.bytes)"]
                )
                drained.damaged += 1
            }
            for start in stride(from: 0, to: segment.records.count, by: Inbox.batchLimit) {
                let batch = Array(segment.records[start..<min(start + Inbox.batchLimit, segment.records.count)])
                let moved = try await move(batch, from: spool)
                drained.moved += moved
                drained.setAside += batch.count - moved
            }
            try await spool.remove(segment)
        }
        return drained
    }

    /// Moves what was set aside in `refused/`, unchecked.
    /// - Returns: how many records it moved, and how many are still refused.
    /// - Throws: `PostgresError`, `SpoolError`; what was not moved stays.
    package func drainRefused() async throws -> (moved: Int, left: Int) {
        guard let spool else { return (0, 0) }
        var (moved, left) = (0, 0)
        for name in try await spool.refused() {
            guard let record = try await spool.refusedRecord(name),
                let delivery = Delivery(payload: record.payload, receivedAt: record.receivedAt, source: .spool),
                let entry = try await inbox.insert([delivery]).first, entry == .stored || entry == .duplicate
            else {
                left += 1
                continue
            }
            try await spool.removeRefused(name)
            moved += 1
        }
        return (moved, left)
    }

    /// - Returns: how many of them are in the inbox; the others are set aside.
    private func move(_ records: [SpooledRecord], from spool: Spool) async throws -> Int {
        var readable: [(record: SpooledRecord, delivery: Delivery)] = []
        var unverified = 0
        for record in records {
            let signer: String?
            switch try judge(record) {
            case .trusted(let name): signer = name
            case .doubted(let reason):
                try await spool.setAside(record, reason: reason)
                unverified += 1
                continue
            }
            let delivery = Delivery(
                payload: record.payload, receivedAt: record.receivedAt, signer: signer, source: .spool)
            if let delivery {
                readable.append((record, delivery))
            } else {
                try await spool.setAside(record, reason: "it could not be hashed")
            }
        }
        if unverified > 0 {
            logger.error(
                """
                spooled events are signed by no known secret: they were set aside in refused/, where they stay whatever \
                secrets are set later; if they are yours, stop the server and run: tollgate spool drain --trust; and add \
                their secret to STRIPE_WEBHOOK_SECRET, so that the next ones are taken
                """,
                metadata: ["count": "\(unverified)"]
            )
        }
        let entries = try await inbox.insert(readable.map(\.delivery))
        var moved = 0
        for ((record, delivery), entry) in zip(readable, entries) {
            guard case .refused(let reason) = entry else {
                moved += 1
                continue
            }
            logger.error(
                "PostgreSQL refuses a spooled event: it was set aside",
                metadata: ["event": "\(delivery.id)", "error": "\(reason)"]
            )
            try await spool.setAside(record, reason: reason)
        }
        return moved
    }

    private enum Trust {
        /// The name of the secret that signed it; nil if unknown.
        case trusted(signer: String?)
        case doubted(String)
    }

    /// The signature's time is compared with the time of receipt, however long ago that was.
    /// - Throws: `SignatureError` if OpenSSL fails, which says nothing about the record.
    private func judge(_ record: SpooledRecord) throws(SignatureError) -> Trust {
        // Unsigned: from a version that kept no signature. Trusted: the folder and the file are this user's alone.
        guard let verifier, let signature = record.signature else { return .trusted(signer: nil) }
        do throws(SignatureError) {
            let secret = try verifier.verify(header: signature, body: record.payload, at: record.receivedAt)
            return .trusted(signer: verifier.name(of: secret))
        } catch .unverifiable(let error) {
            throw .unverifiable(error)
        } catch .mismatch {
            return .doubted("no secret in STRIPE_WEBHOOK_SECRET signed it")
        } catch {
            return .doubted("\(error)")
        }
    }
}
