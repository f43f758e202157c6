// SPDX-License-Identifier: Apache-2.0

import Notation
import Store

/// Replays as the admin API shows them.
enum ReplayDocument {
    static func replay(_ record: ReplayRecord) -> JSON {
        [
            "id": .string(record.id),
            "status": .string(record.status.rawValue),
            "matched": .integer(Int64(record.matched)),
            "skipped": .integer(Int64(record.skipped)),
            "queued": .integer(Int64(record.queued)),
            "ended": .object(
                Dictionary(
                    record.ended.map { ($0.key.rawValue, .integer(Int64($0.value))) }, uniquingKeysWith: { $1 })),
            "pending": .integer(Int64(record.pending)),
            "filter": filter(record.filter),
            "operator": .string(record.operator),
            "created_at": .string("\(record.createdAt)"),
            "finished_at": .optional(record.finishedAt),
        ]
    }

    private static func filter(_ filter: EventFilter) -> JSON {
        [
            "status": .optional(filter.status?.rawValue),
            "type": .optional(filter.type),
            "customer": .optional(filter.customer),
            "created_after": .optional(filter.createdAfter),
            "created_before": .optional(filter.createdBefore),
        ]
    }
}
