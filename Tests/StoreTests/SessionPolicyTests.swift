// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct SessionPolicyTests {
    @Test func `sessions wait for the disk even where the server would not`() async throws {
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.administer("ALTER DATABASE \(test.name) SET synchronous_commit = off")
            let settings = SessionSettings(policy: SessionPolicy.durable)
            let database = Database(test.source, connections: 1, settings: settings)
            let setting = try await database.transaction { connection in
                try connection.execute("SELECT current_setting('synchronous_commit')").first?.decode(String.self)
            }
            #expect(setting == "on")
            try await database.shutdown()
        }
    }

    @Test func `only what may be lost with the server is not waited for`() async throws {
        try await TestDatabase.withEmpty { test in
            let settings = SessionSettings(policy: SessionPolicy.fleeting)
            let database = Database(test.source, connections: 1, settings: settings)
            let setting: String = try await database.transaction { connection in
                try connection.execute("SELECT current_setting('synchronous_commit') AS setting").only["setting"]
            }
            #expect(setting == "off")
            try await database.shutdown()
        }
    }
}
