import Gateway
import NIOCore
import NIOHTTP1
import Notation

/// `GET /v1/customers/{customer}/access`: the flag, for gateways. From memory as long as the database has announced no
/// change of it, and while the database is away.
struct AccessRoute: DirectRoute {
    let method = HTTPMethod.GET
    let path = DirectPath("/v1/customers/{customer}/access")
    let bodyLimit = 0
    let memory: BodyMemory? = nil

    private let authentication: BearerAuthentication
    private let access: AccessLookup
    private let now: @Sendable () -> Timestamp

    init(authentication: BearerAuthentication, access: AccessLookup, now: @escaping @Sendable () -> Timestamp) {
        self.authentication = authentication
        self.access = access
        self.now = now
    }

    func answer(_ request: DirectRequest, _ reply: @escaping Reply) {
        let customer: String
        do throws(ProblemDetails) {
            _ = try authentication.holder(of: request.headers.value(of: "authorization"))
            customer = try PathParameter.id("customer", request.parameter)
            if request.target.utf8.contains(UInt8(ascii: "?")) { try Query(target: request.target).allow([]) }
        } catch {
            return reply(DirectAnswer(error))
        }
        access.find(customer, now: now) { outcome in
            switch outcome {
            case .known(let answer, let isStale): reply(Self.document(answer, of: customer, isStale: isStale))
            case .unknownCustomer: reply(DirectAnswer(.unknownCustomer))
            case .unavailable:
                let detail = "The database is away; try again."
                reply(DirectAnswer(.serviceUnavailable(detail: detail, retryAfter: 1)))
            case .failed: reply(DirectAnswer(.internalError))
            }
        }
    }

    private static func document(_ answer: AccessCache.Answer, of customer: String, isStale: Bool) -> DirectAnswer {
        var bytes: [UInt8] = []
        AccessDocument.append(answer, of: customer.utf8.span, isStale: isStale, to: &bytes)
        return DirectAnswer(ByteBuffer(bytes: bytes))
    }
}
