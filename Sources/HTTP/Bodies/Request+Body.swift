// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The whole body, counted as it arrives. The listener limits how long it may take.
    /// - Throws: `ProblemDetails`: 415 for a `Content-Encoding`, 413 beyond the limit (at once if the `Content-Length`
    ///   says so), 408 when it came too slowly, 400 when it was cut off.
    package func collectBody(_ limit: BodyLimit) async throws(ProblemDetails) -> ByteBuffer {
        // The parser lets only digits through; a number that overflows is too large.
        let announced = headers[.contentLength].map { Int($0) ?? .max }
        try limit.admit(announced: announced, isEncoded: headers.contains(.contentEncoding))
        var collected = ByteBuffer()
        do {
            var parts = body.makeAsyncIterator()
            while var part = try await parts.next() {
                try limit.admit(size: collected.readableBytes + part.readableBytes)
                collected.writeBuffer(&part)
            }
        } catch {
            throw ProblemDetails(ofBody: error)
        }
        // The parts also end when the connection does.
        if let announced, announced != collected.readableBytes { throw .brokenOff }
        return collected
    }

    /// The JSON object in the body; nil if there is no body and no field is allowed.
    /// - Parameter fields: every field that is allowed in the object.
    /// - Throws: `ProblemDetails`: as `collectBody`, and 400 that names the field that is unknown or duplicate.
    package func bodyObject(_ limit: BodyLimit, fields: Set<String>) async throws(ProblemDetails) -> BodyObject? {
        let body = try await collectBody(limit)
        if fields.isEmpty, body.readableBytes == 0 { return nil }
        return try BodyObject(body, fields: fields)
    }
}
