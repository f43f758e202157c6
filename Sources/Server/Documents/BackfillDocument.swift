// SPDX-License-Identifier: Apache-2.0

import API
import Store

/// Backfills as the admin API shows them.
package enum BackfillDocument {
    package static func backfill(_ record: BackfillRecord) -> Object<BackfillsAPI.Backfill> {
        Object {
            $0.id = record.id
            $0.status = status(record.status)
            $0.since = record.since
            $0.until = record.until
            $0.dryRun = record.isDryRun
            $0.listed = Int64(record.listed)
            $0.stored = Int64(record.stored)
            $0.known = Int64(record.known)
            $0.types = record.types.map { count in
                Object {
                    $0.type = count.type
                    $0.listed = Int64(count.listed)
                    $0.missing = Int64(count.missing)
                }
            }
            $0.error = record.error
            $0.operator = record.operator
            $0.createdAt = record.createdAt
            $0.finishedAt = record.finishedAt
        }
    }

    private static func status(_ status: BackfillStatus) -> BackfillsAPI.StatusWord {
        switch status {
        case .running: .running
        case .done: .done
        case .failed: .failed
        case .canceled: .canceled
        }
    }
}
