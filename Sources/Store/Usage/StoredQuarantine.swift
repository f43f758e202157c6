// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// How a report that cannot be charged yet is stored.
struct StoredQuarantine: Sendable {
    let reported: ReportedUsage
    /// Whose it is, as far as that is known.
    let customer: String?
    let fault: UsageFault
    let at: Timestamp

    static func save(_ quarantined: [StoredQuarantine], _ pipeline: Pipeline) {
        guard !quarantined.isEmpty else { return }
        pipeline.execute(
            """
            INSERT INTO tollgate.usage_quarantine AS q
                (id, status, customer_id, key_id, report, digest, reason, error, attempts, received_at, tried_at, operator)
            SELECT id, 'quarantined', customer_id, key_id, report, digest, reason, error, 1, at, at, operator
            FROM \(rows.table(quarantined))
            ORDER BY id
            ON CONFLICT (id) DO UPDATE
            SET status = EXCLUDED.status, customer_id = EXCLUDED.customer_id, key_id = EXCLUDED.key_id,
                report = EXCLUDED.report, digest = EXCLUDED.digest, reason = EXCLUDED.reason, error = EXCLUDED.error,
                attempts = q.attempts + 1, tried_at = EXCLUDED.tried_at, operator = EXCLUDED.operator, note = NULL
            """)
    }

    /// Those that were charged after all.
    static func resolve(_ charged: [StoredUsage], _ pipeline: Pipeline) {
        guard !charged.isEmpty else { return }
        pipeline.execute(
            """
            UPDATE tollgate.usage_quarantine q
            SET status = 'recorded', tried_at = n.at, attempts = q.attempts + 1, operator = n.operator
            FROM \(resolved.table(charged))
            WHERE q.id = n.id
            """)
    }

    private static let rows = Unnest<StoredQuarantine> {
        Column("id", \.reported.report.id)
        Column("customer_id", \.customer)
        Column("key_id", \.reported.report.key)
        Column("report", \.reported.json)
        Column("digest", \.reported.digest)
        Column("reason", \.fault.reason.rawValue)
        Column("error", \.fault.description)
        Column("at", \.at)
        Column("operator", \.reported.replayer)
    }

    private static let resolved = Unnest<StoredUsage> {
        Column("id", \.charge.report.id)
        Column("at", \.recordedAt)
        Column("operator", \.reported.replayer)
    }
}
