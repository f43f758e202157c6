// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Notation

/// The JSON object in a request's body, read strictly. An unknown field is an error: a misspelt `until` must not become
/// an override without an end. So is a duplicate field: we cannot know which one was meant.
package struct BodyObject {
    package let members: [String: JSON]

    /// - Parameter fields: every field that is allowed in the object.
    /// - Throws: 400 that names the field.
    package init(_ body: ByteBuffer, fields: Set<String>) throws(ProblemDetails) {
        if body.readableBytes == 0 {
            throw .badRequest(code: "invalid_json", detail: "The body is empty: send a JSON object, such as {}.")
        }
        let json: JSON
        do throws(JSON.DecodingFailure) {
            json = try JSON(bytes: body.readableBytesView, keysAreUnique: true)
        } catch {
            guard case .duplicateKey(let key) = error else { throw .notJSON }
            throw .badRequest(
                code: "duplicate_field",
                detail: "The field `\(key.prefix(64))` appears more than once; which is meant?")
        }
        guard let members = json.object else {
            throw .badRequest(code: "invalid_json", detail: "The body must be a JSON object.")
        }
        try self.init(members, fields: fields)
    }

    /// - Throws: 400 that names the field that is not allowed.
    package init(_ members: [String: JSON], fields: Set<String>) throws(ProblemDetails) {
        if let unknown = members.keys.filter({ !fields.contains($0) }).min() {
            let known =
                fields.isEmpty ? "this route reads none" : "known are: \(fields.sorted().joined(separator: ", "))"
            throw .badRequest(code: "unknown_field", detail: "There is no field `\(unknown.prefix(64))`; \(known).")
        }
        self.members = members
    }
}

extension ProblemDetails {
    fileprivate static var notJSON: ProblemDetails {
        .badRequest(code: "invalid_json", detail: "The body is not JSON.")
    }
}
