// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Notation

/// The JSON object in a request's body, read strictly. An unknown field is an error: a misspelt `until` must not become
/// an override without an end. So is a duplicate field: we cannot know which one was meant.
package struct BodyObject {
    private let members: [String: JSON]

    /// - Parameter fields: every field that is allowed in the object.
    /// - Throws: 400 that names the field.
    package init(_ body: ByteBuffer, fields: Set<String>) throws(ProblemDetails) {
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
        if let unknown = members.keys.filter({ !fields.contains($0) }).min() {
            let known =
                fields.isEmpty ? "this route reads none" : "known are: \(fields.sorted().joined(separator: ", "))"
            throw .badRequest(code: "unknown_field", detail: "There is no field `\(unknown.prefix(64))`; \(known).")
        }
        self.members = members
    }

    package func string(_ name: String) throws(ProblemDetails) -> String {
        try required(name, "a string", \.string)
    }

    package func integer(_ name: String) throws(ProblemDetails) -> Int64 {
        try required(name, "a whole number", \.integer)
    }

    package func bool(_ name: String) throws(ProblemDetails) -> Bool {
        try required(name, "true or false", \.bool)
    }

    /// - Returns: nil if it is absent or null; the same holds for the methods below.
    package func optionalString(_ name: String) throws(ProblemDetails) -> String? {
        try optional(name, "a string", \.string)
    }

    package func optionalInteger(_ name: String) throws(ProblemDetails) -> Int64? {
        try optional(name, "a whole number", \.integer)
    }

    package func optionalBool(_ name: String) throws(ProblemDetails) -> Bool? {
        try optional(name, "true or false", \.bool)
    }

    /// A string, or a whole number as its digits.
    package func optionalStringOrInteger(_ name: String) throws(ProblemDetails) -> String? {
        try optional(name, "a string") { $0.string ?? $0.integer.map(String.init) }
    }

    private func required<T>(_ name: String, _ form: String, _ read: (JSON) -> T?) throws(ProblemDetails) -> T {
        guard let value = members[name] else {
            throw .badRequest(code: "missing_field", detail: "The field `\(name)` is missing.")
        }
        guard let content = read(value) else { throw .invalidField(name, "must be \(form)") }
        return content
    }

    private func optional<T>(_ name: String, _ form: String, _ read: (JSON) -> T?) throws(ProblemDetails) -> T? {
        guard let value = members[name], value != .null else { return nil }
        guard let content = read(value) else { throw .invalidField(name, "must be \(form)") }
        return content
    }
}

extension ProblemDetails {
    fileprivate static var notJSON: ProblemDetails {
        .badRequest(code: "invalid_json", detail: "The body is not JSON.")
    }

    /// - Parameter form: what the field must be, to complete the sentence.
    package static func invalidField(_ name: String, _ form: String) -> ProblemDetails {
        .badRequest(code: "invalid_field", detail: "The field `\(name)` \(form).")
    }
}
