// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Notation
import Store

/// Events as the admin API shows them.
enum EventDocument {
    static func line(_ record: EventRecord) -> JSON {
        .object(fields(record))
    }

    static func statement(_ statement: EventStatement) -> JSON {
        var document = fields(statement.record)
        document["history"] = .array(statement.attempts.map(attempt))
        document["changes"] = .array(statement.changes.map(CustomerDocument.timeline))
        document["ledger"] = .array(statement.ledger.map(CustomerDocument.ledger))
        document["payload"] = .null
        if let payload = statement.payload {
            do throws(JSON.DecodingFailure) {
                document["payload"] = try JSON(bytes: payload)
            } catch {
                // What is no JSON is shown as it is; the event's `error` says why it is none.
                document["payload_base64"] = .string(Data(payload).base64EncodedString())
            }
        }
        return .object(document)
    }

    static func dismissal(_ dismissal: Dismissal) -> JSON {
        [
            "id": .string(dismissal.event),
            "status": .string(EventState.ignored.rawValue),
            "detail": .string(Dismissal.detail),
            "reason": .string(dismissal.reason),
            "operator": .string(dismissal.operator),
            "at": .string("\(dismissal.at)"),
        ]
    }

    static func statistics(_ statistics: EventStatistics) -> JSON {
        [
            "received_after": .string("\(statistics.receivedAfter)"),
            "received_before": .string("\(statistics.receivedBefore)"),
            "count": .integer(Int64(statistics.count)),
            "truncated": .bool(statistics.isTruncated),
            "data": .array(
                statistics.groups.map { group in
                    [
                        "type": .optional(group.type),
                        "status": .string(group.status.rawValue),
                        "detail": .optional(group.detail),
                        "count": .integer(Int64(group.count)),
                        "last_received_at": .string("\(group.lastReceivedAt)"),
                    ]
                }),
            "secrets": .array(
                statistics.secrets.map { signed in
                    [
                        "secret": .optional(signed.secret),
                        "count": .integer(Int64(signed.count)),
                        "last_received_at": .string("\(signed.lastReceivedAt)"),
                    ]
                }),
        ]
    }

    private static func fields(_ record: EventRecord) -> [String: JSON] {
        [
            "id": .string(record.id),
            "type": .optional(record.type),
            "status": .string(record.status.rawValue),
            "created": .optional(record.created),
            "received_at": .string("\(record.receivedAt)"),
            "customer": .optional(record.customer),
            "livemode": record.livemode.map(JSON.bool) ?? .null,
            "account": .optional(record.account),
            "api_version": .optional(record.apiVersion),
            "secret": .optional(record.secret),
            "attempts": .integer(Int64(record.attempts)),
            "detail": .optional(record.detail),
            "error": .optional(record.error),
        ]
    }

    private static func attempt(_ attempt: EventStatement.Attempt) -> JSON {
        [
            "number": .integer(Int64(attempt.number)),
            "started_at": .string("\(attempt.startedAt)"),
            "finished_at": .string("\(attempt.finishedAt)"),
            "outcome": .string(attempt.outcome),
            "message": .optional(attempt.message),
            "operator": .optional(attempt.operator),
        ]
    }
}

extension JSON {
    /// A string, or null where there is nothing to say.
    static func optional(_ value: (some CustomStringConvertible)?) -> JSON {
        value.map { .string($0.description) } ?? .null
    }
}
