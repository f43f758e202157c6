// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The whole body, counted as it arrives. How long it may take is the listener's limit.
    /// - Throws: `ProblemDetails`: 415 for a `Content-Encoding`, 413 beyond the limit (at once where the
    ///   `Content-Length` says so), 408 when it came too slowly, 400 when it broke off.
    package func collectBody(_ limit: BodyLimit) async throws(ProblemDetails) -> ByteBuffer {
        // The parser lets digits through only; what they do not fit into is too large.
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
        // The end of a connection ends the parts too.
        if let announced, announced != collected.readableBytes { throw .brokenOff }
        return collected
    }

    /// What the JSON object of an operator's request says.
    /// - Throws: `ProblemDetails`: as `collectBody`, and 400 that names the field which is unknown, missing or of the wrong
    ///   form.
    package func decodeBody<Content: BodyContent>(_ type: Content.Type) async throws(ProblemDetails) -> Content {
        try Content(BodyObject(await collectBody(.document), fields: Content.fields))
    }

    /// For a route that reads no body: only none, or an object without a field, asks for nothing that is not done.
    /// - Throws: `ProblemDetails`: 400 that names the field which is unknown.
    package func refuseBody() async throws(ProblemDetails) {
        let body = try await collectBody(.document)
        if body.readableBytes > 0 { _ = try BodyObject(body, fields: []) }
    }
}
