// SPDX-License-Identifier: Apache-2.0

/// The largest body that a route reads. Here alone it is decided that a body is too large (413), or written in a way that
/// nobody here reads (415).
package struct BodyLimit: Hashable, Sendable {
    package let bytes: Int

    package init(bytes: Int) {
        self.bytes = bytes
    }

    /// Of a route that reads no body.
    package static let none = BodyLimit(bytes: 0)

    /// Of a JSON document that an operator sends.
    package static let document = BodyLimit(bytes: 64 * 1024)

    /// What the head tells, before anything of the body is kept.
    /// - Parameters:
    ///   - announced: the `Content-Length`, in bytes.
    ///   - isEncoded: there is a `Content-Encoding`.
    /// - Throws: 415, 413.
    func admit(announced: Int?, isEncoded: Bool) throws(ProblemDetails) {
        if isEncoded { throw .unsupportedContentEncoding }
        try admit(size: announced ?? 0)
    }

    /// - Parameter size: of what has come of the body, in bytes.
    /// - Throws: 413.
    func admit(size: Int) throws(ProblemDetails) {
        if size > bytes { throw .payloadTooLarge(limit: bytes) }
    }
}
