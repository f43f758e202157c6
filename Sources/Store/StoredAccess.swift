import Billing
import Notation

/// How an answer lies in `account`: the current one in columns, the coming ones as JSON that the view reads too.
enum StoredAccess {
    /// - Returns: nil for a row that has just been made and holds no answer yet.
    static func decode(
        reason: String,
        until: Timestamp?,
        changedAt: Timestamp,
        version: Int64,
        upcoming: String
    ) throws -> Access? {
        guard version > 0 else { return nil }
        let decision = Decision(try known(reason), until: until)
        return Access(
            current: Access.Segment(from: changedAt, decision: decision, version: version),
            upcoming: try segments(upcoming)
        )
    }

    /// The column `upcoming`.
    static func segments(_ upcoming: String) throws -> [Access.Segment] {
        try (JSON(bytes: Array(upcoming.utf8)).array ?? []).map(segment)
    }

    static func encode(_ segments: [Access.Segment]) -> String {
        let json = JSON.array(
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
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func segment(_ json: JSON) throws(StoreError) -> Access.Segment {
        guard let from = json["from"]?.string.flatMap(Timestamp.init(rfc3339:)), let version = json["version"]?.integer
        else { throw .unknownValue("upcoming answer") }
        let reason: Reason = try known(json["reason"]?.string ?? "")
        let until = json["until"]?.string.flatMap(Timestamp.init(rfc3339:))
        return Access.Segment(from: from, decision: Decision(reason, until: until), version: version)
    }
}
