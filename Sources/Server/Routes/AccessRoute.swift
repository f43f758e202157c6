import Hummingbird
import Logging
import Store
import Stripe
import Synchronization

/// `GET /v1/customers/{customer}/access`: the flag, for gateways. From memory while the database is away.
struct AccessRoute: Sendable {
    /// How long the database is waited for before memory answers.
    private static let patience: Duration = .seconds(1)
    /// How long memory answers at once after the database did not.
    private static let pause: Duration = .milliseconds(500)

    private let store: Store
    private let memory: AccessMemory
    private let now: @Sendable () -> Timestamp
    private let outage = Outage()

    init(store: Store, memory: AccessMemory, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.memory = memory
        self.now = now
    }

    func register(on routes: some RouterMethods<ListenerContext>) {
        routes.get("/v1/customers/{customer}/access") { _, context in
            let customer = try context.id("customer")
            guard let answer = try await read(customer, context.logger) else { return try recall(customer) }
            guard let answer = answer.found else { throw ProblemDetails.unknownCustomer }
            memory.keep(answer)
            return Response.document(CustomerDocument.access(answer))
        }
    }

    private struct Answer: Sendable {
        /// Nil for a customer nobody has named.
        let found: AccessAnswer?
    }

    /// - Returns: nil where the database does not answer.
    private func read(_ customer: String, _ logger: Logger) async throws -> Answer? {
        if outage.lasts { return nil }
        let result = await Patience.within(Self.patience) { () -> Result<Answer, any Error> in
            do {
                return .success(Answer(found: try await store.access(of: customer)))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let error) where !Store.isOutage(error): throw error
        case .failure(let error): logger.error("the database is away", metadata: ["error": "\(error)"])
        case nil: logger.error("the database did not answer in time")
        }
        outage.begin(for: Self.pause)
        return nil
    }

    private func recall(_ customer: String) throws(ProblemDetails) -> Response {
        guard let answer = memory.recall(customer, at: now()) else {
            throw .serviceUnavailable(detail: "The database is away; try again.", retryAfter: 1)
        }
        return .document(CustomerDocument.access(answer, isStale: true))
    }

    /// The time in which the database is not asked.
    private final class Outage: Sendable {
        private let end = Mutex<ContinuousClock.Instant?>(nil)

        var lasts: Bool { end.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

        func begin(for duration: Duration) {
            end.withLock { $0 = .now + duration }
        }
    }
}
