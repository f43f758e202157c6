// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// What a diagnosis of Stripe's side asks the database, within a few seconds or not at all.
package struct DiagnosisStore: Sendable {
    /// What did not come by itself, as the servers found it.
    package struct Missed: Sendable, Hashable {
        package let count: Int
        /// How many of them have not been processed, or were in vain.
        package let unprocessed: Int
        /// When the last of them was found; nil without any.
        package let foundAt: Timestamp?
        /// When the newest event arrived that Stripe has sent, of whatever account; nil without any.
        package let deliveredAt: Timestamp?
        /// When all accounts had been compared last; nil if one of them never was.
        package let comparedAt: Timestamp?
    }

    private static let signed = EventSource.signed.map(\.rawValue)

    private let database: Database

    /// Opens nothing yet.
    package init(_ source: DataSource) {
        let settings = SessionSettings(
            applicationName: "tollgate-doctor", connectTimeout: .seconds(2), statementTimeout: .seconds(4),
            lockTimeout: .seconds(2), policy: SessionPolicy.fleeting)
        database = Database(source, connections: 1, settings: settings)
    }

    package func close() async throws { try await database.shutdown() }

    /// PostgreSQL's clock.
    package func now() async throws -> Timestamp {
        try await database.statements { try $0.execute("SELECT clock_timestamp() AS now").only["now"] }
    }

    /// When the newest event of the account itself arrived that Stripe has sent.
    package func newestDelivery() async throws -> Timestamp? {
        try await database.statements { connection in
            try connection.execute(
                """
                SELECT e.received_at
                FROM tollgate.event e
                WHERE e.source = ANY (\(Self.signed)) AND e.account IS NULL
                ORDER BY e.received_at DESC, e.id DESC
                LIMIT 1
                """
            ).first.map { try $0["received_at"] }
        }
    }

    /// - Returns: those of the events that Stripe itself has sent.
    package func delivered(_ events: [String]) async throws -> Set<String> {
        try await database.statements { connection in
            let rows = try connection.execute(
                """
                SELECT id
                FROM tollgate.event
                WHERE id = ANY (\(events)) AND source = ANY (\(Self.signed))
                """)
            return Set(try rows.map { try $0["id"] })
        }
    }

    package func holds(_ event: String) async throws -> Bool {
        try await database.statements { connection in
            try connection.execute("SELECT EXISTS (SELECT 1 FROM tollgate.event WHERE id = \(event)) AS is_there")
                .only["is_there"]
        }
    }

    /// What the servers had to ask for within the last 24 hours.
    /// - Parameter accounts: all that are compared; an empty one is that of the key itself.
    package func missed(of accounts: [String]) async throws -> Missed {
        try await database.statements { connection in
            let row = try connection.execute(
                """
                SELECT count(*) AS count,
                       count(*) FILTER (WHERE (w.status IN ('processed', 'ignored')) IS NOT TRUE) AS unprocessed,
                       max(m.found_at) AS found_at,
                       (SELECT e.received_at FROM tollgate.event e WHERE e.source = ANY (\(Self.signed))
                        ORDER BY e.received_at DESC, e.id DESC LIMIT 1) AS delivered_at,
                       (\(HealthStore.reconciled(accounts))) AS compared_at
                FROM tollgate.missed_event m
                LEFT JOIN tollgate.event_work w ON w.event_id = m.event_id
                WHERE m.found_at > now() - interval '24 hours'
                """
            ).only
            return Missed(
                count: try row["count"], unprocessed: try row["unprocessed"], foundAt: try row["found_at"],
                deliveredAt: try row["delivered_at"], comparedAt: try row["compared_at"])
        }
    }
}
