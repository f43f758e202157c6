// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The settings of every session of ours, apart from its time limits.
enum SessionPolicy {
    /// Commits wait for the disk, and for the standby if the server is configured so. A server that acknowledges before
    /// it has written would break "durable before 2xx".
    static let durable = settings(synchronousCommit: onDisk)

    /// The same for statements that find all their rows by keys: planning them anew for each number of keys would take
    /// longer than they do.
    static let durableByKeys = settings(synchronousCommit: onDisk, plans: "'force_generic_plan'")

    /// Commits do not wait: only for data that may be lost with the server, but not with this process.
    static let fleeting = settings(synchronousCommit: "'off'")

    /// The same for migrations: they read whole tables, which would take hours by an index or row by row.
    static let migrating = settings(synchronousCommit: onDisk, readsTables: "'on'")

    private static let onDisk: SQL = """
        CASE WHEN current_setting('synchronous_commit') = 'off' THEN 'on'
             ELSE current_setting('synchronous_commit') END
        """

    /// The locks of a process that has died vanish within a second, even if its statement still waits. Except in migrations,
    /// every query has an index, and a plan that was made while a table was empty must not read all of it once it is full:
    /// neither in order, nor to join it by hashes or by merging. What a database or a role may have set for its sessions
    /// changes no result: each statement sees what was committed before it, a day has 24 hours, and names and NULL are
    /// SQL's own.
    private static func settings(
        synchronousCommit: SQL, plans: SQL = "'auto'", readsTables: SQL = "'off'"
    ) -> SQL {
        """
        SELECT set_config('synchronous_commit', \(synchronousCommit), false),
               set_config('client_connection_check_interval', '1s', false),
               set_config('enable_seqscan', \(readsTables), false),
               set_config('enable_hashjoin', \(readsTables), false),
               set_config('enable_mergejoin', \(readsTables), false),
               set_config('jit', 'off', false),
               set_config('plan_cache_mode', \(plans), false),
               set_config('search_path', 'pg_catalog', false),
               set_config('default_transaction_isolation', 'read committed', false),
               set_config('TimeZone', 'UTC', false),
               set_config('quote_all_identifiers', 'off', false),
               set_config('transform_null_equals', 'off', false)
        """
    }
}
