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
                // As a restart does, and over before anybody asks again.
                try await TestDatabase.administer(
                    "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '\(database.name)'")
            }
            #expect(alarms.messages.withLock { $0 } == [])
            try await store.close()
        }
    }
}

/// What was logged that is worse than a notice.
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
