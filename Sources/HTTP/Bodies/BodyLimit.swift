// SPDX-License-Identifier: Apache-2.0

/// The largest body that a route reads. This is the only place that rejects a body as too large (413), or as encoded in
/// a way that nothing here reads (415).
package struct BodyLimit: Hashable, Sendable {
    package let bytes: Int

    package init(bytes: Int) {
        self.bytes = bytes
    }

    /// For a route that reads no body.
    package static let none = BodyLimit(bytes: 0)

    /// For a JSON document that an operator sends.
    package static let document = BodyLimit(bytes: 64 * 1024)

    /// Checks the request's head, before any of the body is kept.
    /// - Parameters:
    ///   - announced: the `Content-Length`, in bytes.
    ///   - isEncoded: whether there is a `Content-Encoding`.
    /// - Throws: 415, 413.
    func admit(announced: Int?, isEncoded: Bool) throws(ProblemDetails) {
        if isEncoded { throw .unsupportedContentEncoding }
        try admit(size: announced ?? 0)
    }

    /// - Parameter size: the bytes of the body that have arrived.
    /// - Throws: 413.
    func admit(size: Int) throws(ProblemDetails) {
        if size > bytes { throw .payloadTooLarge(limit: bytes) }
    }
}
