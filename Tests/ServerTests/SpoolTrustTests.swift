// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ingest
import Logging
import Notation
import Processing
import Spool
import Store
import Stripe
import TestSupport
import Testing

/// Records from the disk are verified again before they become events.
@Suite struct SpoolTrustTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Lends an empty spool, a database, and a drainer from one to the other.
    private func with(
        _ body: (Spool, Store, _ secret: WebhookSecret, _ drainer: SpoolDrainer) async throws -> Void
    ) async throws {
        let secret = try WebhookSecret(value: "whsec_ours0123456789abcdefghijklmnopq")
        let directory = FileManager.default.temporaryDirectory.appending(path: "tollgate-spool-\(UUID().uuidString)")
            .path
        try await TestDatabase.with { database in
            let store = Store(database.source, logger: Self.quiet)
            let spool = try Spool.open(directory: directory, limit: 1 << 20)
            let result: Result<Void, any Error>
            do {
                let verifier = try SignatureVerifier(secrets: [secret])
                let drainer = SpoolDrainer(store.inbox, spool: spool, verifier: verifier, logger: Self.quiet)
                result = .success(try await body(spool, store, secret, drainer))
            } catch {
                result = .failure(error)
            }
            await spool.close()
            try await store.close()
            try FileManager.default.removeItem(atPath: directory)
            try result.get()
        }
    }

    private func record(_ id: String, _ secret: WebhookSecret?) throws -> SpooledRecord {
        let (payload, day) = (Events.checkout(id: id).bytes, Timestamp.now - .seconds(86_400))
        return SpooledRecord(
            receivedAt: day, payload: payload, signature: try secret?.sign(body: payload, at: day))
    }

    @Test func `a record is checked with the secrets of now and the time of its receipt, however long ago`()
        async throws
    {
        try await with { spool, store, secret, drainer in
            try await spool.append(record("evt_signed", secret))
            #expect(try await drainer.drain().moved == 1)
            #expect(try await store.events.find("evt_signed") != nil)
            #expect(try await spool.refused().isEmpty)
        }
    }

    @Test func `what a version wrote that kept no signature is drained`() async throws {
        try await with { spool, store, _, drainer in
            try await spool.append(record("evt_unsigned", nil))
            #expect(try await drainer.drain().moved == 1)
            #expect(try await store.events.find("evt_unsigned") != nil)
        }
    }

    @Test func `what no known secret signed is no event, is kept, and goes in when an operator says so`() async throws {
        try await with { spool, store, secret, drainer in
            let stranger = try WebhookSecret(value: "whsec_theirs0123456789abcdefghijklmno")
            let right = try record("evt_right", secret)
            let strange = try record("evt_strange", stranger)
            let (unreadable, empty) = ("nonsense", "")
            for bad in [
                strange, right,
                // The payload of one, the signature of another.
                SpooledRecord(
                    receivedAt: right.receivedAt, payload: Events.checkout(id: "evt_changed").bytes,
                    signature: right.signature),
                // Validly signed, but at another time.
                SpooledRecord(
                    receivedAt: .now, payload: Events.checkout(id: "evt_late").bytes,
                    signature: try record("evt_late", secret).signature),
                SpooledRecord(
                    receivedAt: .now, payload: Events.checkout(id: "evt_garbled").bytes, signature: unreadable),
                SpooledRecord(receivedAt: .now, payload: Events.checkout(id: "evt_empty").bytes, signature: empty),
            ] { try await spool.append(bad) }
            let drained = try await drainer.drain()
            #expect(drained.moved == 1 && drained.setAside == 5)
            #expect(spool.state.records == 0)
            #expect(try await store.events.find("evt_right") != nil)
            let ids = ["evt_strange", "evt_changed", "evt_late", "evt_garbled", "evt_empty"]
            for id in ids { #expect(try await store.events.find(id) == nil, "\(id)") }
            #expect(try await spool.refused().count == ids.count)

            // Another drain does not touch them; an operator's drain of refused records moves them.
            #expect(try await drainer.drain() == SpoolDrainer.Drained())
            let result = try await drainer.drainRefused()
            #expect(result.moved == ids.count && result.left == 0)
            for id in ids { #expect(try await store.events.find(id) != nil, "\(id)") }
            let received = try #require(try await store.events.find("evt_strange")).record.receivedAt
            #expect(received == strange.receivedAt)
            #expect(try await spool.refused().isEmpty)
        }
    }
}
