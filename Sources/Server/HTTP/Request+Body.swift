import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

extension Request {
    /// The largest JSON document an admin request may carry, in bytes.
    static let largestDocument = 64 * 1024

    /// The whole body, counted as it arrives. How long it may take is the listener's limit.
    /// - Throws: `ProblemDetails`: 415 for a `Content-Encoding`, 413 beyond `limit` bytes (at once where the
    ///   `Content-Length` says so), 408 when it came too slowly, 400 when it broke off.
    func collectBody(limit: Int) async throws(ProblemDetails) -> ByteBuffer {
        guard !headers.contains(.contentEncoding) else { throw .unsupportedContentEncoding }
        // The parser lets digits through only; what they do not fit into is too large.
        let announced = headers[.contentLength].map { Int($0) ?? .max }
        if let announced, announced > limit { throw .payloadTooLarge(limit: limit) }

        var collected = ByteBuffer()
        do {
            var parts = body.makeAsyncIterator()
            while var part = try await parts.next() {
                guard collected.readableBytes + part.readableBytes <= limit else {
                    throw ProblemDetails.payloadTooLarge(limit: limit)
                }
                collected.writeBuffer(&part)
            }
        } catch {
            throw ProblemDetails(ofBody: error)
        }
        // The end of a connection ends the parts too.
        if let announced, announced != collected.readableBytes { throw .brokenOff }
        return collected
    }

    /// The JSON object of an admin request, of at most 64 KiB.
    /// - Parameter fields: all that may be in it.
    /// - Throws: `ProblemDetails`: 400 that names the field which is unknown, missing or of the wrong type.
    func decodeBody<Content: Decodable>(
        _ type: Content.Type,
        fields: Set<String>
    ) async throws(ProblemDetails) -> Content {
        try StrictJSON.decode(type, from: await collectBody(limit: Self.largestDocument), fields: fields)
    }

    /// For a route that reads no body: only none, or an object without a field, asks for nothing that is not done.
    /// - Throws: `ProblemDetails`: 400 that names the field which is unknown.
    func refuseBody() async throws(ProblemDetails) {
        struct Nothing: Decodable {}
        let body = try await collectBody(limit: Self.largestDocument)
        if body.readableBytes > 0 { _ = try StrictJSON.decode(Nothing.self, from: body, fields: []) }
    }
}

extension ProblemDetails {
    fileprivate static var brokenOff: ProblemDetails {
        .malformedRequest(detail: "The body broke off before its end.")
    }

    /// What a client hears of an error that came while its body was read.
    init(ofBody error: any Error) {
        switch error {
        case let problem as ProblemDetails: self = problem
        case let error as HTTPParserError: self.init(error)
        // Anything else is the connection's: reset, or closed by a shutdown.
        default: self = .brokenOff
        }
    }

    /// What a client hears of the parser's complaint.
    init(_ error: HTTPParserError) {
        if case .headerOverflow = error {
            self = .headersTooLarge
        } else {
            self = .malformedRequest(detail: "This is no HTTP/1.1 request: \(error.debugDescription).")
        }
    }
}
