// SPDX-License-Identifier: Apache-2.0

import Postgres
import Testing

@testable import Store

@Suite struct BlameTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let code: String
        let meaning: String
        let blame: Blame
        var testDescription: String { "\(code) \(meaning)" }
    }

    static let cases: [Case] = [
        // Values that PostgreSQL refuses.
        Case(code: "21000", meaning: "cardinality", blame: .event),
        Case(code: "22001", meaning: "too long", blame: .event),
        Case(code: "22008", meaning: "no date", blame: .event),
        Case(code: "22021", meaning: "NUL", blame: .event),
        Case(code: "23502", meaning: "not null", blame: .event),
        Case(code: "23503", meaning: "foreign key", blame: .event),
        Case(code: "23505", meaning: "unique", blame: .event),
        Case(code: "23514", meaning: "check", blame: .event),
        Case(code: "44000", meaning: "with check option", blame: .event),
        // No connection.
        Case(code: "08001", meaning: "no connection", blame: .database(.connection)),
        Case(code: "08006", meaning: "connection lost", blame: .database(.connection)),
        Case(code: "08007", meaning: "outcome unknown", blame: .database(.connection)),
        Case(code: "25P03", meaning: "idle in transaction", blame: .database(.connection)),
        Case(code: "57P01", meaning: "shutdown", blame: .database(.connection)),
        Case(code: "57P03", meaning: "starting up", blame: .database(.connection)),
        Case(code: "57P04", meaning: "database dropped", blame: .database(.connection)),
        Case(code: "3D000", meaning: "no such database", blame: .database(.connection)),
        Case(code: "25006", meaning: "read-only", blame: .database(.readOnly)),
        // Privileges.
        Case(code: "28000", meaning: "no such user", blame: .database(.privileges)),
        Case(code: "28P01", meaning: "wrong password", blame: .database(.privileges)),
        Case(code: "42501", meaning: "permission denied", blame: .database(.privileges)),
        // Another schema.
        Case(code: "0A000", meaning: "the plan's result type changed", blame: .database(.schema)),
        Case(code: "26000", meaning: "no such statement", blame: .database(.schema)),
        Case(code: "3F000", meaning: "no such schema", blame: .database(.schema)),
        Case(code: "42703", meaning: "no such column", blame: .database(.schema)),
        Case(code: "42804", meaning: "another type", blame: .database(.schema)),
        Case(code: "42P01", meaning: "no such table", blame: .database(.schema)),
        // Resources that ran out.
        Case(code: "53100", meaning: "disk full", blame: .database(.resources)),
        Case(code: "53200", meaning: "out of memory", blame: .database(.resources)),
        Case(code: "53300", meaning: "too many connections", blame: .database(.resources)),
        Case(code: "54000", meaning: "notifications full", blame: .database(.resources)),
        // Locks and conflicts.
        Case(code: "40001", meaning: "serialization", blame: .database(.locks)),
        Case(code: "40P01", meaning: "deadlock", blame: .database(.locks)),
        Case(code: "55P03", meaning: "lock not available", blame: .database(.locks)),
        // The server's own faults, and unknown codes.
        Case(code: "25P02", meaning: "failed transaction", blame: .database(.server)),
        Case(code: "55000", meaning: "not in the state for it", blame: .database(.server)),
        Case(code: "57014", meaning: "canceled", blame: .database(.server)),
        Case(code: "58030", meaning: "I/O", blame: .database(.server)),
        Case(code: "F0000", meaning: "configuration file", blame: .database(.server)),
        Case(code: "P0001", meaning: "a trigger of somebody's", blame: .database(.server)),
        Case(code: "XX000", meaning: "internal", blame: .database(.server)),
        Case(code: "XX001", meaning: "corrupted", blame: .database(.server)),
        Case(code: "ZZ999", meaning: "unknown", blame: .database(.server)),
    ]

    @Test(arguments: cases) func `only what an event's own values can cause is blamed on it`(_ example: Case) {
        #expect(Blame(of: PostgresError(sqlState: example.code, message: example.meaning)) == example.blame)
    }

    @Test(arguments: [
        (ConnectFailure.authenticationFailed, Trouble.privileges), (.notPermitted, .privileges),
        (.readOnly, .readOnly), (.unknownDatabase, .connection), (.tooManyConnections, .resources),
        (.startingUp, .connection), (.unreachable, .connection), (.unknownHost, .connection), (.tls, .connection),
    ])
    func `where there is no session, the reason counts and not the code`(_ failure: ConnectFailure, _ trouble: Trouble)
    {
        let error = PostgresError(sqlState: "08001", message: "no session", connectFailure: failure)
        #expect(Blame(of: error) == .database(trouble))
    }

    @Test func `a database that is closed to us is to be asked again, a broken one is not`() {
        func isOutage(_ code: String) -> Bool { DatabaseOutage.explains(PostgresError(sqlState: code, message: "")) }
        #expect(["42501", "28P01", "53300", "57P01", "55P03", "25006"].allSatisfy(isOutage))
        #expect(!["42P01", "23514", "22003", "XX001"].contains(where: isOutage))
    }

    @Test func `a row that another version has written is no event's fault`() {
        #expect(Blame(of: StoreError.unknownValue("status")) == .database(.schema))
    }
}
