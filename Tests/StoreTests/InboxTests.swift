// SPDX-License-Identifier: Apache-2.0

import Ingest
import Logging
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct InboxTests {
    @Test func `after its sessions were ended while idle the next events are accepted, and nobody is alarmed`()
        async throws
    {
        try await TestDatabase.with { database in
            let alarms = Alarms()
            let store = Store(database.source, logger: Logger(label: "test") { _ in AlarmRecorder(alarms) })
            for round in 0..<3 {
                let delivery = try #require(Delivery(payload: Events.checkout(id: "evt_\(round)").bytes))
                #expect(try await store.inbox.receive(delivery, by: .now + .seconds(30)) == .accepted)
                // Ends the sessions as a restart does; it is over before the next delivery.
                try await TestDatabase.administer(
                    "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '\(database.name)'")
            }
            #expect(alarms.messages.withLock { $0 } == [])
            try await store.close()
        }
    }

    @Test func `each of many deliveries is told what became of it, and one refused value fails no other`()
        async throws
    {
        try await TestDatabase.with { database in
            let store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let one = try #require(Delivery(payload: Events.checkout(id: "evt_1").bytes))
            let other = try #require(Delivery(payload: Events.checkout(id: "evt_2").bytes))
            let noise = try #require(Delivery(payload: Array("not json".utf8)))
            #expect(try await store.inbox.insert([one, noise, one]) == [.stored, .stored, .duplicate])
            // PostgreSQL's text cannot hold a NUL character.
            let refused = Delivery(quarantined: "a\u{0}b", digest: "00", payload: [])
            let results = try await store.inbox.insert([other, refused, one, other])
            #expect(results.count == 4)
            guard case .refused(let reason) = try #require(results.dropFirst().first) else {
                Issue.record("\(results)")
                return
            }
            // Not in PostgreSQL's words, which may quote the value: they are logged.
            #expect(reason == "PostgreSQL 22021: it refuses a value")
            #expect([results[0], results[2], results[3]] == [.stored, .duplicate, .duplicate])
            #expect(try await store.events.find(noise.id)?.record.status == .quarantined)
            #expect(try await store.events.find("evt_2")?.record.status == .pending)
            try await store.close()
        }
    }
}

/// The messages logged above the level notice.
private final class Alarms: Sendable {
    let messages = Mutex<[String]>([])
}

private struct AlarmRecorder: LogHandler {
    let alarms: Alarms
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(_ alarms: Alarms) {
        self.alarms = alarms
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level > .notice else { return }
        alarms.messages.withLock { $0.append("\(event.message)") }
    }
}
