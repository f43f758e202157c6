import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer in compact JSON, keys sorted.
struct JSONResponse: ResponseGenerator, Sendable {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }()

    private let response: Response

    init(_ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws {
        self.init(bytes: ByteBuffer(bytes: try Self.encoder.encode(value)), status: status, headers: headers)
    }

    /// - Parameter bytes: a document that is JSON already.
    init(bytes: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        response = Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    func response(from request: Request, context: some RequestContext) -> Response { response }
}
