// SPDX-License-Identifier: Apache-2.0

import API
import Store

/// Replays as the admin API shows them.
enum ReplayDocument {
    static func list(_ records: [ReplayRecord]) -> Object<ReplaysAPI.List> {
        Object { $0.data = records.map(replay) }
    }

    static func replay(_ record: ReplayRecord) -> Object<ReplaysAPI.Replay> {
        Object {
            $0.id = record.id
            $0.status = status(record.status)
            $0.matched = Int64(record.matched)
            $0.skipped = Int64(record.skipped)
            $0.queued = Int64(record.queued)
            $0.ended = Object {
                $0.processed = record.ended[.processed].map(Int64.init)
                $0.ignored = record.ended[.ignored].map(Int64.init)
                $0.failed = record.ended[.failed].map(Int64.init)
                $0.quarantined = record.ended[.quarantined].map(Int64.init)
            }
            $0.pending = Int64(record.pending)
            $0.filter = filter(record.filter)
            $0.operator = record.operator
            $0.createdAt = record.createdAt
            $0.finishedAt = record.finishedAt
        }
    }

    static func preview(count: Int, skipped: Int, sample: [EventRecord]) -> Object<ReplaysAPI.Preview> {
        Object {
            $0.dryRun = true
            $0.count = Int64(count)
            $0.skipped = Int64(skipped)
            $0.sample = sample.map(EventDocument.line)
        }
    }

    private static func status(_ status: ReplayStatus) -> ReplaysAPI.StatusWord {
        switch status {
        case .running: .running
        case .done: .done
        case .canceled: .canceled
        }
    }

    private static func filter(_ filter: EventFilter) -> Object<ReplaysAPI.Filter> {
        Object {
            $0.status = filter.status?.rawValue
            $0.type = filter.type
            $0.customer = filter.customer
            $0.createdAfter = filter.createdAfter
            $0.createdBefore = filter.createdBefore
        }
    }
}
