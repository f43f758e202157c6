import Logging
import ServiceLifecycle
import Spool
import Store

/// Keeps the way into the database open: while the inbox's circuit breaker is open, it tries whether events are taken
/// again, and once they are, it moves into the inbox what waits in the spool, oldest first.
public struct Drainer: Service {
    private static let interval: Duration = .milliseconds(200)

    private let inbox: Inbox
    private let spool: Spool?
    private let logger: Logger

    public init(_ inbox: Inbox, spool: Spool? = nil, logger: Logger) {
        self.inbox = inbox
        self.spool = spool
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Pause()
            var isDrainable = true
            while !Task.isCancelled {
                do {
                    try await inbox.probe()
                    _ = try await drain()
                    pause.reset()
                    isDrainable = true
                    try await Task.sleep(for: Self.interval)
                } catch is CancellationError {
                    break
                } catch let error as SpoolError {
                    if isDrainable { logger.error("the spool cannot be drained", metadata: ["error": "\(error)"]) }
                    isDrainable = false
                    await pause.next()
                } catch {
                    inbox.outages.failed(.inbox, error)
                    await pause.next()
                }
            }
        }
    }

    /// Moves all that waits. A segment is removed once all of it is committed; what was committed twice, because the
    /// process died in between, is a duplicate by its id.
    /// - Returns: how many records it moved.
    /// - Throws: `PostgresError`, `SpoolError`; what was not moved stays.
    public func drain() async throws -> Int {
        guard let spool else { return 0 }
        var moved = 0
        while !Task.isCancelled, let segment = try await spool.oldest() {
            for damage in segment.damage {
                logger.error(
                    "damaged bytes of the spool were set aside",
                    metadata: ["file": "\(damage.file)", "bytes": "\(damage.bytes)"]
                )
            }
            for start in stride(from: 0, to: segment.records.count, by: Inbox.batchLimit) {
                let batch = Array(segment.records[start..<min(start + Inbox.batchLimit, segment.records.count)])
                try await move(batch, from: spool)
            }
            try await spool.remove(segment)
            moved += segment.records.count
        }
        if moved > 0 { logger.notice("the spool was drained", metadata: ["events": "\(moved)"]) }
        return moved
    }

    private func move(_ records: [SpooledRecord], from spool: Spool) async throws {
        var readable: [(record: SpooledRecord, delivery: Delivery)] = []
        for record in records {
            if var delivery = Delivery(payload: record.payload) {
                delivery.receivedAt = record.receivedAt
                readable.append((record, delivery))
            } else {
                try await spool.setAside(record, reason: "it could not be hashed")
            }
        }
        let entries = try await inbox.drain(readable.map(\.delivery))
        for ((record, delivery), entry) in zip(readable, entries) {
            guard case .refused(let reason) = entry else { continue }
            logger.error(
                "PostgreSQL refuses a spooled event: it was set aside",
                metadata: ["event": "\(delivery.id)", "error": "\(reason)"]
            )
            try await spool.setAside(record, reason: reason)
        }
    }
}
