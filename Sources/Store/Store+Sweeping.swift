// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

extension Store {
    /// Moves the stored answers that time alone has changed, and writes their lines of the timeline. One instance at a
    /// time: what another is sweeping, it sweeps alone.
    /// - Returns: how many accounts it moved; fewer than `limit` means that none is left.
    package func sweepElapsed(atMost limit: Int, policy: Policy) async throws -> Int {
        try await processing.transaction { [self] connection in
            // Mostly nobody's time has come, and then nothing is locked.
            let due = try connection.execute(
                "SELECT EXISTS (SELECT FROM tollgate.account WHERE until <= clock_timestamp())")
            guard try due.first?.decode(Bool.self) ?? false, try MaintenanceTask.sweep.begin(connection) else {
                return 0
            }
            let rows = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE until <= clock_timestamp()
                ORDER BY until
                LIMIT $1
                FOR UPDATE SKIP LOCKED
                """,
                .value(limit)
            )
            return try change(rows, connection) { account, now in account.elapse(to: now, policy: policy) }
        }
    }

    /// Decides anew about customers whose stored answer was decided under another configuration.
    /// - Returns: how many accounts it decided about, and whether some are left: where it decided about none, those are
    ///   held by somebody else.
    package func reconsider(atMost limit: Int, policy: Policy) async throws -> (decided: Int, isDone: Bool) {
        try await processing.transaction { [self] connection in
            // Two ranges and not `<>`, which no index answers.
            let rows = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE decided_under < $1 OR decided_under > $1
                ORDER BY customer_id
                LIMIT $2
                FOR UPDATE SKIP LOCKED
                """,
                .value(policy.fingerprint),
                .value(limit)
            )
            let decided = try change(rows, connection) { account, now in
                account.reconsider(at: now, policy: policy)
            }
            let left = try connection.execute(
                "SELECT true FROM tollgate.account WHERE decided_under < $1 OR decided_under > $1 LIMIT 1",
                .value(policy.fingerprint))
            return (decided, left.count == 0)
        }
    }

    private func change(
        _ customers: Rows,
        _ connection: Connection,
        _ body: (inout Account, Timestamp) -> Void
    ) throws -> Int {
        let customers = try customers.map { try $0.decode(String.self) }
        guard !customers.isEmpty else { return 0 }
        var found = AccountRows(connection, telling: accessChanges)
        let accounts = try found.lock(customers).values.map { account in
            var account = account
            body(&account, found.now)
            return account
        }
        try found.save(accounts)
        return accounts.count
    }
}
