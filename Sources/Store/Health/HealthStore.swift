// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// What monitoring asks. The database's state has its own session, because counts may take a while.
package struct HealthStore: Sendable {
    let readiness: Database
    let figures: Database

    /// Whether events can be made durable right now: needs a session that may write.
    package func isWritable() async throws -> Bool {
        try await readiness.transaction { connection in
            try connection.execute("SELECT NOT pg_is_in_recovery() AS is_writable").only["is_writable"]
        }
    }

    /// How long the oldest change of an answer has been kept from the readers of the feed by older transactions.
    package func feedLag() async throws -> Duration {
        try await figures.statements { try ChangeReader.lag($0) }
    }

    /// When what Stripe has was last compared with what came, for all of these accounts.
    /// - Returns: nil if one of them never was.
    package func reconciledAt(_ accounts: [String]) async throws -> Timestamp? {
        try await figures.statements { connection in
            try connection.execute(Self.reconciled(accounts)).only["at"]
        }
    }

    static func reconciled(_ accounts: [String]) -> SQL {
        """
        SELECT CASE WHEN count(succeeded_at) = \(accounts.count)
                    THEN least(min(succeeded_at), clock_timestamp()) END AS at
        FROM tollgate.reconciliation
        WHERE account = ANY (\(accounts))
        """
    }

    /// How much of what Stripe's API is to be asked for is not here yet.
    package func countWaitingFetches() async throws -> Int {
        try await figures.statements { connection in
            try connection.execute(
                """
                SELECT (SELECT count(*) FROM tollgate.event_fetch WHERE run_at IS NOT NULL)
                       + (SELECT count(*) FROM tollgate.refetch WHERE run_at IS NOT NULL) AS count
                """
            ).only["count"]
        }
    }

    /// How many reported calls cannot be charged until somebody mends the cause.
    package func countQuarantinedUsage() async throws -> Int {
        try await figures.statements { connection in
            try connection.execute(
                "SELECT count(*) AS count FROM tollgate.usage_quarantine WHERE status = 'quarantined'"
            )
            .only["count"]
        }
    }

    package func countWaitingPurchases() async throws -> Int {
        try await figures.transaction { connection in
            try connection.execute("SELECT count(*) AS count FROM tollgate.purchase p WHERE \(PurchaseStore.isWaiting)")
                .only["count"]
        }
    }
}
