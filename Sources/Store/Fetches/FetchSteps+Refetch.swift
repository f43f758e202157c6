// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

extension FetchSteps {
    /// How long a debt, or a purchase that waits for its customer, stands before Stripe is asked about it.
    private static let old: Duration = .seconds(86_400)

    /// What was found of a customer or another object.
    package struct Found: Sendable {
        package let deliveries: [Delivery]
        /// How much it is, told before or not.
        package let count: Int
        /// Equal to the last one's if nothing has changed.
        package let state: String
        /// When Stripe was asked, by its own clock, or a little earlier.
        package let asked: Timestamp
        /// Nil if all of it was told before.
        package let telling: RefetchTask.Telling?
        /// What could not be read, for operators.
        package let omissions: [String]

        package init(
            _ deliveries: [Delivery], count: Int, state: String, asked: Timestamp, telling: RefetchTask.Telling?,
            omissions: [String]
        ) {
            self.deliveries = deliveries
            self.count = count
            self.state = state
            self.asked = asked
            self.telling = telling
            self.omissions = omissions
        }
    }

    static let taskColumns: SQL = """
        subject, account, cause, operator, attempts, error IS NOT NULL AS has_failed, requested_at, base, turn, state, asked
        """

    static func task(_ row: Rows.Row, _ connection: Connection) throws -> RefetchTask {
        let subject: String = try row["subject"]
        let (newest, named, failed) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    """
                    SELECT id, account, created
                    FROM tollgate.event
                    WHERE customer_id = \(subject) AND source <> 'refetch'
                    ORDER BY received_at DESC, id DESC
                    LIMIT 1
                    """),
                pipeline.execute(
                    """
                    (SELECT id
                     FROM tollgate.invoice
                     WHERE customer_id = \(subject) AND status IN ('open', 'uncollectible')
                       AND first_failed_at IS NOT NULL
                     ORDER BY first_failed_at DESC
                     LIMIT 100)
                    UNION ALL
                    (SELECT unnest(string_to_array(open_disputes, ' '))
                     FROM tollgate.account
                     WHERE customer_id = \(subject)
                     LIMIT 100)
                    """),
                pipeline.execute(
                    """
                    SELECT id
                    FROM tollgate.invoice
                    WHERE (customer_id = \(subject) OR id = \(subject)) AND first_failed_at IS NOT NULL
                    """)
            )
        }
        let (account, cause): (String?, String?) = (try row["account"], try row["cause"])
        let name: String? = try row["operator"]
        let (base, state): (String?, String?) = (try row["base"], try row["state"])
        let asked: Timestamp? = try row["asked"]
        var last: RefetchTask.Last?
        if let base, let state, let asked { last = RefetchTask.Last(base: base, state: state, asked: asked) }
        let event = try newest.rows.first
        let id: String? = try event.map { try $0["id"] }
        let accountOfEvent: String? = try event.flatMap { try $0["account"] }
        let created: Timestamp? = try event.flatMap { try $0["created"] }
        return RefetchTask(
            subject: subject, account: account ?? accountOfEvent, cause: cause, isByItself: name == nil && cause == nil,
            base: id ?? cause ?? "",
            named: try named.rows.map { try $0["id"] }, failed: Set(try failed.rows.map { try $0["id"] }),
            refusals: try row["attempts"], hasFailed: try row["has_failed"], requestedAt: try row["requested_at"],
            baseCreated: created,
            turn: try row["turn"], last: last)
    }

    /// Takes in what was found.
    /// - Returns: how much of it was new.
    @discardableResult
    package func finish(_ task: RefetchTask, _ found: Found) async throws -> Int {
        try await database.transaction { [signal] connection in
            let fresh = try InboxTable.insertUnknown(found.deliveries, in: connection)
            if !fresh.isEmpty { connection.afterCommit { signal.notify() } }
            let omissions = found.omissions.isEmpty ? nil : found.omissions.joined(separator: "; ")
            try connection.commit { pipeline in
                pipeline.execute(
                    """
                    UPDATE tollgate.refetch
                    SET run_at = CASE WHEN requested_at <> \(task.requestedAt) THEN run_at END, attempts = 0,
                        error = NULL, found = \(found.count),
                        stored = \(fresh.count), omissions = \(omissions), finished_at = clock_timestamp(),
                        base = \(task.base), turn = \(found.telling?.turn ?? task.turn), state = \(found.state),
                        -- A state that was not told again counts from when it was.
                        asked = CASE WHEN \(found.telling == nil) THEN coalesce(asked, \(found.asked)) ELSE \(found.asked) END
                    WHERE subject = \(task.subject)
                    """)
            }
            return fresh.count
        }
    }

    /// Stripe did not answer it.
    /// - Parameters:
    ///   - error: why, for operators.
    ///   - pause: until it is asked again; nil for never.
    ///   - refusals: how often it has been refused by now.
    package func postpone(
        _ task: RefetchTask, _ error: String, for pause: Duration?, refusals: Int
    ) async throws {
        try await database.transaction { connection in
            _ = try connection.execute(
                """
                UPDATE tollgate.refetch
                SET attempts = \(refusals), error = \(error),
                    run_at = CASE WHEN requested_at = \(task.requestedAt)
                                  THEN clock_timestamp() + make_interval(secs => \(pause?.components.seconds))
                                  ELSE run_at END
                WHERE subject = \(task.subject)
                """)
        }
    }

    /// Asks for customers with a debt, and for purchases that wait for their customer, that have been so for a day: each at
    /// most once a day, and those first that were not asked for the longest.
    /// - Returns: how many there were.
    package func requestStale(atMost limit: Int) async throws -> Int {
        try await database.transaction { connection in
            let stale = try connection.execute(
                """
                WITH stale AS (
                    SELECT customer_id AS subject
                    FROM tollgate.invoice
                    WHERE first_failed_at < clock_timestamp() - make_interval(secs => \(Self.old.components.seconds))
                      AND status IN ('open', 'uncollectible')
                    UNION
                    SELECT p.id FROM tollgate.purchase p WHERE \(PurchaseStore.isWaiting)
                )
                SELECT s.subject
                FROM stale s
                LEFT JOIN tollgate.refetch r USING (subject)
                WHERE r.subject IS NULL
                   OR r.requested_at < clock_timestamp() - make_interval(secs => \(Self.old.components.seconds))
                ORDER BY r.requested_at NULLS FIRST, s.subject
                LIMIT \(limit)
                """
            ).map { row -> String in try row["subject"] }
            if !stale.isEmpty {
                try connection.execute(Self.requesting(stale, account: nil, cause: nil, operator: nil))
            }
            return stale.count
        }
    }

    /// One that is being asked for already is asked for once.
    static func requesting(_ subjects: [String], account: String?, cause: String?, operator name: String?) -> SQL {
        """
        INSERT INTO tollgate.refetch AS r (subject, account, cause, operator)
        SELECT subject, \(account), \(cause), \(name) FROM unnest(\(subjects)) AS s (subject)
        ON CONFLICT (subject)
        DO UPDATE SET account = coalesce(EXCLUDED.account, r.account), cause = coalesce(EXCLUDED.cause, r.cause),
                      operator = EXCLUDED.operator, requested_at = EXCLUDED.requested_at, attempts = 0, error = NULL,
                      run_at = clock_timestamp()
        """
    }
}
