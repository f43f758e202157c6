// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// What models cost: proposed rates, and the book of those that were approved.
package struct RateStore: Sendable {
    let database: Database

    /// What a draft would follow.
    package struct State: Sendable {
        package let book: RateBook
        /// Models of calls that wait for a price.
        package let unpriced: [(provider: String, model: String)]
    }

    package enum ApproveResult: Sendable {
        /// - Parameter added: how many versions are new; what the book has already, word for word, is not.
        case approved(RateDraftRecord, added: Int)
        /// Somebody has approved it before.
        case over(RateDraftRecord)
        case unknown
    }

    /// Keeps rates that charge nothing yet.
    package func propose(_ draft: RateDraft, operator name: String) async throws -> RateDraftRecord {
        try await database.transaction { connection in
            let id: String = try connection.execute(
                "INSERT INTO tollgate.rate_draft (content, operator) VALUES (\(draft.json), \(name)) RETURNING id"
            ).only["id"]
            return try RateDraftRecord(connection.execute(Self.selection("d.id = \(id)")).only)
        }
    }

    /// The latest 20, the newest first.
    package func drafts() async throws -> [RateDraftRecord] {
        try await database.transaction { connection in
            try connection.execute(
                """
                SELECT \(RateDraftRecord.columns)
                FROM tollgate.rate_draft d
                ORDER BY d.created_at DESC, d.id DESC
                LIMIT 20
                """
            ).map(RateDraftRecord.init)
        }
    }

    /// - Returns: nil for an unknown id. The state is that of the same moment.
    package func find(_ id: String) async throws -> (record: RateDraftRecord, draft: RateDraft, state: State)? {
        try await database.transaction(mode: .snapshot) { connection in
            guard let row = try connection.execute(Self.selection("d.id = \(id)")).first else { return nil }
            return try (RateDraftRecord(row), Self.draft(id, connection), Self.state(connection))
        }
    }

    package func state() async throws -> State {
        try await database.transaction(mode: .snapshot) { try Self.state($0) }
    }

    private static func state(_ connection: Connection) throws -> State {
        let waiting = try connection.execute(
            """
            SELECT DISTINCT report ->> 'provider' AS provider, report ->> 'model' AS model
            FROM tollgate.usage_quarantine
            WHERE status = 'quarantined' AND reason = 'no_rate'
            ORDER BY provider, model
            LIMIT 100
            """)
        return State(
            book: try book(connection), unpriced: try waiting.map { (try $0["provider"], try $0["model"]) })
    }

    /// Each model's version that holds at an instant, in the order of providers and models.
    /// - Parameter instant: nil for now.
    package func versions(at instant: Timestamp? = nil) async throws -> [RateBook.Version] {
        try await database.transaction { connection in
            let now: Timestamp = try connection.execute("SELECT clock_timestamp() AS now").only["now"]
            return try Self.book(connection).versions(at: instant ?? now)
        }
    }

    /// Lets the rates of a draft charge, from their instants on.
    package func approve(_ id: String, operator name: String) async throws -> ApproveResult {
        try await database.transaction { connection in
            // One at a time: each follows what is known before it.
            try connection.execute("LOCK TABLE tollgate.rate IN SHARE ROW EXCLUSIVE MODE")
            guard let row = try connection.execute(Self.selection("d.id = \(id)")).first else { return .unknown }
            let record = try RateDraftRecord(row)
            guard record.approvedAt == nil else { return .over(record) }
            let book = try Self.book(connection)
            let added = try Self.draft(id, connection).rates.filter { !book.has($0) }
            // A clock that was set back must not make it older than what it follows.
            let now: Timestamp = try connection.execute(
                """
                SELECT greatest(clock_timestamp(), max(known_at) + interval '1 microsecond') AS now FROM tollgate.rate
                """
            ).only["now"]
            try connection.execute(
                """
                INSERT INTO tollgate.rate (draft_id, provider, model, effective_at, known_at, content)
                SELECT \(id), r ->> 'provider', r ->> 'model', (r ->> 'effective_at')::timestamptz, \(now), r
                FROM jsonb_array_elements(\(JSON.array(added.map(\.json)))) AS r
                """)
            let past = added.filter { $0.effectiveAt <= now }
            if let since = past.map(\.effectiveAt).min() {
                let providers = Set(past.map(\.provider)).sorted().map(JSON.string)
                try connection.execute(
                    """
                    INSERT INTO tollgate.rate_correction (draft_id, since, providers)
                    VALUES (\(id), \(since), \(JSON.array(providers)))
                    """)
            }
            try connection.execute(
                """
                UPDATE tollgate.rate_draft SET approved_by = \(name), approved_at = greatest(\(now), created_at)
                WHERE id = \(id)
                """)
            return .approved(
                try RateDraftRecord(connection.execute(Self.selection("d.id = \(id)")).only), added: added.count)
        }
    }

    private static func selection(_ condition: SQL) -> SQL {
        "SELECT \(RateDraftRecord.columns) FROM tollgate.rate_draft d WHERE \(condition)"
    }

    private static func draft(_ id: String, _ connection: Connection) throws -> RateDraft {
        let content: JSON = try connection.execute(
            "SELECT content FROM tollgate.rate_draft WHERE id = \(id)"
        ).only["content"]
        return try RateDraft(tollgate: content)
    }

    static func book(_ connection: Connection) throws -> RateBook {
        RateBook(
            try connection.execute("SELECT id, known_at, content FROM tollgate.rate").map { row in
                RateBook.Version(
                    id: try row["id"], rate: try Rate(try row["content"]), knownAt: try row["known_at"])
            })
    }
}
