import NIOCore
import NIOHTTP1
import Stripe

/// A route that is answered on the connection's event loop, before Hummingbird sees the request: for what is asked
/// thousands of times a second.
protocol DirectRoute: Sendable {
    var method: HTTPMethod { get }
    var path: DirectPath { get }
    /// The largest body, in bytes; 0 for a route that reads none.
    var bodyLimit: Int { get }
    /// What all bodies together are taken from.
    var memory: BodyMemory? { get }

    /// Called on the event loop, once the headers were read and before anything of the body is kept.
    /// - Returns: the signature that the request claims to have, where the route asks for one.
    /// - Throws: what the client is answered at once; the connection ends with it.
    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) -> SignatureHeader?

    /// Called on the event loop, once all of the request was read. Must not block.
    /// - Parameter reply: to be called once, on any thread; what it is given is evaluated on the event loop.
    func answer(_ request: DirectRequest, _ reply: @escaping Reply)
}

extension DirectRoute {
    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) -> SignatureHeader? {
        nil
    }
}

typealias Reply = @Sendable (@escaping @autoclosure @Sendable () -> DirectAnswer) -> Void

/// One request, read to its end.
struct DirectRequest {
    /// Path and query, as they were sent.
    let target: String
    let headers: HTTPHeaders
    /// Who is at the other end of the connection: the client, or a proxy before it.
    let remoteAddress: SocketAddress?
    /// What stands in the place of the path's `{…}`, percent-encoded; empty where it has none.
    let parameter: String
    let body: ByteBuffer
    /// The memory of the body; to be kept as long as a copy of it is.
    let lease: BodyMemory.Lease?
    /// What `admit` has read of the headers.
    let claim: SignatureHeader?
}

/// What the client gets.
struct DirectAnswer: Sendable {
    let status: HTTPResponseStatus
    let contentType: String
    let body: ByteBuffer
    /// Further headers that the status calls for.
    let headers: [(name: String, value: String)]

    /// A JSON document.
    init(_ body: ByteBuffer, status: HTTPResponseStatus = .ok) {
        self.status = status
        contentType = "application/json"
        self.body = body
        headers = []
    }

    init(_ problem: ProblemDetails) {
        status = HTTPResponseStatus(statusCode: problem.status.code, reasonPhrase: problem.title)
        contentType = ProblemDetails.contentType
        body = problem.body
        headers = problem.headers.map { ($0.name.rawName, $0.value) }
    }
}
