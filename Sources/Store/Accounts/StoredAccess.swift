// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How an answer is stored in `account`: the current one in columns, later ones as JSON that the view reads too.
enum StoredAccess {
    static let columns: SQL = "reason, until, changed_at, version, upcoming"

    /// - Returns: nil for a row that was just created and has no answer yet.
    static func decode(_ row: Rows.Row) throws -> Access? {
        let version: Int64 = try row["version"]
        guard version > 0 else { return nil }
        return Access(
            current: Access.Segment(
                from: try row["changed_at"],
                decision: Decision(try row.word("reason"), until: try row["until"]),
                version: version
            ),
            upcoming: try segments(row["upcoming"])
        )
    }

    /// The column `upcoming`.
    static func segments(_ upcoming: JSON) throws(StoreError) -> [Access.Segment] {
        guard let array = upcoming.array else { throw .unknownValue("upcoming") }
        return try array.map(segment)
    }

    static func encode(_ segments: [Access.Segment]) -> JSON {
        .array(
            segments.map { segment in
                [
                    "from": .string("\(segment.from)"),
                    "allowed": .bool(segment.decision.allowed),
                    "reason": .string(segment.decision.reason.rawValue),
                    "until": segment.decision.until.map { .string("\($0)") } ?? .null,
                    "version": .integer(segment.version),
                ]
            }
        )
    }

    private static func segment(_ json: JSON) throws(StoreError) -> Access.Segment {
        guard let version = json["version"]?.integer else { throw .unknownValue("upcoming") }
        guard let from = try json["from"].map(time), let reason = json["reason"]?.string else {
            throw .unknownValue("upcoming")
        }
        let until = try json["until"].map(time)
        return Access.Segment(
            from: from, decision: Decision(try storedWord(reason, "upcoming"), until: until), version: version)
    }

    private static func time(_ json: JSON) throws(StoreError) -> Timestamp {
        guard let time = json.string.flatMap(Timestamp.init(rfc3339:)) else { throw .unknownValue("upcoming") }
        return time
    }
}
