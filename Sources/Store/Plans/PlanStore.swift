// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// What customers are charged for what their calls cost.
package struct PlanStore: Sendable {
    let database: Database

    package enum SetResult: Sendable {
        case set(PlanRecord)
        /// Another plan names a price: a customer has one plan.
        case priceTaken(String, by: String)
    }

    /// In the order of their names.
    package func list() async throws -> [PlanRecord] {
        try await database.transaction { try Self.current($0) }
    }

    /// - Returns: nil for an unknown name.
    package func find(_ name: String) async throws -> PlanRecord? {
        try await database.transaction { try Self.current($0).first { $0.version.name == name } }
    }

    /// Adds a plan, or a version of one, for what is priced from now on. What it is already stays its version.
    package func set(_ name: String, _ plan: Plan, operator caller: String) async throws -> SetResult {
        try await database.transaction { connection in
            // One at a time: each follows what is known before it.
            try connection.execute("LOCK TABLE tollgate.plan IN SHARE ROW EXCLUSIVE MODE")
            let current = try Self.current(connection)
            for other in current where other.version.name != name {
                if let price = plan.prices.first(where: other.version.plan.prices.contains) {
                    return .priceTaken(price, by: other.version.name)
                }
            }
            if let same = current.first(where: { $0.version.name == name && $0.version.plan == plan }) {
                return .set(same)
            }
            // A clock that was set back must not make it older than what it follows.
            let row = try connection.execute(
                """
                INSERT INTO tollgate.plan (name, content, operator, known_at)
                SELECT \(name), \(plan.json), \(caller),
                       greatest(clock_timestamp(), max(known_at) + interval '1 microsecond')
                FROM tollgate.plan
                RETURNING \(PlanRecord.columns)
                """
            ).only
            return .set(try PlanRecord(row))
        }
    }

    /// Of each plan, what became known last.
    static func current(_ connection: Connection) throws -> [PlanRecord] {
        try connection.execute(
            """
            SELECT DISTINCT ON (name) \(PlanRecord.columns) FROM tollgate.plan ORDER BY name, known_at DESC
            """
        ).map(PlanRecord.init)
    }
}
