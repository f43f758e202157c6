// SPDX-License-Identifier: Apache-2.0

/// Signs that a session is shared with others between transactions.
enum PoolerSigns {
    /// A prepared statement that already exists, is gone, or takes other parameters.
    static let sqlStates: Set = ["42P05", "26000", "08P01"]

    static let advice =
        "this looks like a transaction pooler (as pgbouncer with pool_mode=transaction is); Tollgate needs sessions: "
        + "use pool_mode=session, or connect to PostgreSQL itself"
}
