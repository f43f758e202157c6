import NIOCore
import NIOHTTP1
import Store
import Stripe
import Synchronization

/// `GET /v1/customers/{customer}/access`: the flag, for gateways. From memory as long as the database has announced no
/// change of it, and while the database is away.
struct AccessRoute: DirectRoute {
    /// How long the database is waited for before memory answers.
    private static let patience: Duration = .seconds(1)
    /// How long memory answers at once after the database did not.
    private static let pause: Duration = .milliseconds(500)

    let method = HTTPMethod.GET
    let path = DirectPath("/v1/customers/{customer}/access")
    let bodyLimit = 0
    let memory: BodyMemory? = nil

    private let authentication: BearerAuthentication
    private let reader: AccessReader
    private let cache: AccessCache
    private let now: @Sendable () -> Timestamp
    private let outages: Outages
    private let outage = Outage()

    init(
        authentication: BearerAuthentication,
        reader: AccessReader,
        cache: AccessCache,
        now: @escaping @Sendable () -> Timestamp,
        outages: Outages
    ) {
        self.authentication = authentication
        self.reader = reader
        self.cache = cache
        self.now = now
        self.outages = outages
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
        switch cache.lookup(customer.utf8.span, at: now(), now: Self.uptime) {
        case .fresh(let answer): reply(Self.document(answer, of: customer))
        case .old, .unknown: read(customer, reply)
        }
    }

    private func read(_ customer: String, _ reply: @escaping Reply) {
        if outage.lasts { return recall(customer, reply) }
        let ticket = cache.beginReading(customer.utf8.span, now: Self.uptime)
        reader.read(customer, by: .now + Self.patience) { result in
            switch result {
            case .success(let found):
                cache.fill(ticket, found, now: Self.uptime)
                guard let found = found?.elapsed(to: now()) else { return reply(DirectAnswer(.unknownCustomer)) }
                reply(Self.document(AccessCache.Answer(found), of: customer))
            case .failure(.outage(let trouble, let error)):
                cache.abandon(ticket)
                outage.begin(for: Self.pause)
                outages.failed(.requests, trouble, error)
                recall(customer, reply)
            case .failure(.unexpected(let trouble, let error)):
                cache.abandon(ticket)
                outages.failed(.requests, trouble, error)
                reply(DirectAnswer(.internalError))
            }
        }
    }

    private func recall(_ customer: String, _ reply: Reply) {
        switch cache.lookup(customer.utf8.span, at: now(), now: Self.uptime) {
        case .fresh(let answer), .old(let answer): reply(Self.document(answer, of: customer, isStale: true))
        case .unknown:
            let detail = "The database is away; try again."
            reply(DirectAnswer(.serviceUnavailable(detail: detail, retryAfter: 1)))
        }
    }

    private static func document(
        _ answer: AccessCache.Answer,
        of customer: String,
        isStale: Bool = false
    ) -> DirectAnswer {
        var bytes: [UInt8] = []
        AccessDocument.append(answer, of: customer.utf8.span, isStale: isStale, to: &bytes)
        return DirectAnswer(ByteBuffer(bytes: bytes))
    }

    /// The clock of the cache, in nanoseconds.
    private static var uptime: UInt64 { NIODeadline.now().uptimeNanoseconds }

    /// The time in which the database is not asked.
    private final class Outage: Sendable {
        private let end = Mutex<ContinuousClock.Instant?>(nil)

        var lasts: Bool { end.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

        func begin(for duration: Duration) {
            end.withLock { $0 = .now + duration }
        }
    }
}

extension AccessCache.Answer {
    init(_ answer: AccessAnswer) {
        self.init(
            reason: answer.decision.reason, until: answer.decision.until, credits: answer.credits,
            version: answer.version)
    }
}
