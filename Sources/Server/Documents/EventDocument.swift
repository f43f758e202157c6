// SPDX-License-Identifier: Apache-2.0

import API
import FoundationEssentials
import Notation
import Store

/// Events as the admin API shows them.
enum EventDocument {
    static func page(_ records: [EventRecord], hasMore: Bool) -> Object<EventsAPI.Page> {
        Object {
            $0.data = records.map(line)
            $0.hasMore = hasMore
        }
    }

    static func line(_ record: EventRecord) -> Object<EventsAPI.Event> {
        Object { $0.set(record) }
    }

    static func detail(_ statement: EventStatement) -> Object<EventsAPI.Detail> {
        Object {
            $0.set(statement.record)
            $0.history = statement.attempts.map(attempt)
            $0.changes = statement.changes.map(CustomerDocument.timeline)
            $0.ledger = statement.ledger.map(CustomerDocument.ledger)
            $0.payload = .null
            if let payload = statement.payload {
                do throws(JSON.DecodingFailure) {
                    $0.payload = try JSON(bytes: payload)
                } catch {
                    // What is not JSON is shown as it is; the event's `error` says why.
                    $0.payloadBase64 = Data(payload).base64EncodedString()
                }
            }
        }
    }

    static func requeued(_ id: String) -> Object<EventsAPI.Requeued> {
        Object {
            $0.id = id
            $0.status = EventState.pending.rawValue
        }
    }

    static func dismissal(_ dismissal: Dismissal) -> Object<EventsAPI.Dismissal> {
        Object {
            $0.id = dismissal.event
            $0.status = EventState.ignored.rawValue
            $0.detail = Dismissal.detail
            $0.reason = dismissal.reason
            $0.operator = dismissal.operator
            $0.at = dismissal.at
        }
    }

    static func statistics(_ statistics: EventStatistics) -> Object<EventsAPI.Statistics> {
        Object {
            $0.receivedAfter = statistics.receivedAfter
            $0.receivedBefore = statistics.receivedBefore
            $0.count = Int64(statistics.count)
            $0.truncated = statistics.isTruncated
            $0.data = statistics.groups.map { group in
                Object {
                    $0.type = group.type
                    $0.status = group.status.rawValue
                    $0.detail = group.detail
                    $0.count = Int64(group.count)
                    $0.lastReceivedAt = group.lastReceivedAt
                }
            }
            $0.secrets = statistics.secrets.map { signed in
                Object {
                    $0.secret = signed.secret
                    $0.count = Int64(signed.count)
                    $0.lastReceivedAt = signed.lastReceivedAt
                }
            }
        }
    }

    private static func attempt(_ attempt: EventStatement.Attempt) -> Object<EventsAPI.Attempt> {
        Object {
            $0.number = Int64(attempt.number)
            $0.startedAt = attempt.startedAt
            $0.finishedAt = attempt.finishedAt
            $0.outcome = attempt.outcome
            $0.message = attempt.message
            $0.operator = attempt.operator
        }
    }
}

extension Object where Content: EventContent {
    fileprivate mutating func set(_ record: EventRecord) {
        self.id = record.id
        self.type = record.type
        self.status = record.status.rawValue
        self.created = record.created
        self.receivedAt = record.receivedAt
        self.customer = record.customer
        self.livemode = record.livemode
        self.account = record.account
        self.apiVersion = record.apiVersion
        self.secret = record.secret
        self.source = record.source
        self.attempts = Int64(record.attempts)
        self.detail = record.detail
        self.error = record.error
    }
}
