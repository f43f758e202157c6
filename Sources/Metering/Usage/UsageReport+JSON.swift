// SPDX-License-Identifier: Apache-2.0

import Notation

extension UsageReport {
    /// All that was reported, with what stands for what was left out: two reports are the same if this is.
    package var json: JSON {
        func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
        return [
            "id": .string(id), "customer": text(customer), "key": text(key), "provider": .string(call.provider),
            "dialect": .string(call.dialect.rawValue), "model": .string(call.model), "at": .string(at.description),
            "status": .string(call.status.rawValue), "usage": call.usage ?? .null, "batch": .bool(call.isBatch),
            "hold": text(hold), "request": request.json,
        ]
    }

    /// Reads what `json` has written.
    package init(_ json: JSON) throws(FieldError) {
        func text(_ key: String) throws(FieldError) -> String {
            guard let text = json[key]?.string else { throw FieldError(key, "is missing") }
            return text
        }
        guard let dialect = UsageRecord.Dialect(rawValue: try text("dialect")) else {
            throw FieldError("dialect", "is none that is known")
        }
        guard let status = UsageRecord.Status(rawValue: try text("status")) else {
            throw FieldError("status", "is none that is known")
        }
        guard let at = Timestamp(rfc3339: try text("at")) else { throw FieldError("at", "is no time") }
        self.init(
            id: try text("id"), customer: json["customer"]?.string, key: json["key"]?.string,
            call: UsageRecord(
                provider: try text("provider"), dialect: dialect, model: try text("model"), usage: json["usage"],
                isBatch: json["batch"]?.bool ?? false, status: status),
            at: at, hold: json["hold"]?.string)
        request = Request(json["request"] ?? .null)
    }
}

extension UsageReport.Request {
    /// `{"session"?,"content_length"?,"response_length"?,"labels"?}`.
    package var json: JSON {
        var members: [String: JSON] = [:]
        members["session"] = session.map(JSON.string)
        members["content_length"] = contentLength.map(JSON.integer)
        members["response_length"] = responseLength.map(JSON.integer)
        if !labels.isEmpty { members["labels"] = .object(labels.mapValues(JSON.string)) }
        return .object(members)
    }

    fileprivate init(_ json: JSON) {
        session = json["session"]?.string
        contentLength = json["content_length"]?.integer
        responseLength = json["response_length"]?.integer
        labels = (json["labels"]?.object ?? [:]).compactMapValues(\.string)
    }
}
