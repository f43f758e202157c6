import Logging
import Postgres
import Stripe
import Synchronization

/// Makes deliveries durable, many with one commit: what arrives while one batch is being written is the next
/// batch. No timer, so a single delivery waits for nothing.
public final class Inbox: Sendable {
    /// The delivery is not known to be durable: it belongs in the spool, or Stripe shall send it again.
    public struct Unavailable: Error, Hashable {}

    public typealias Answer = @Sendable (Result<Receipt, Unavailable>) -> Void

    private struct Waiting {
        let delivery: Delivery
        let deadline: ContinuousClock.Instant
        /// Nil once it was given.
        var answer: Answer?
    }

    private struct State {
        var queue: [Waiting] = []
        /// The batch that is being written.
        var underWay: [Waiting] = []
        var isWriting = false
        var isWatching = false
    }

    /// Above this, more rows in one statement gain little and delay the first.
    public static let batchLimit = 64
    /// What waits beyond is turned away at once: it could not be written in time.
    private static let queueLimit = 4096

    /// Open while the database does not take events: then nobody waits for it.
    public let breaker: CircuitBreaker

    private let table: InboxTable
    private let arrivals: Doorbell
    private let logger: Logger
    private let state = Mutex(State())

    init(_ database: Database, arrivals: Doorbell, logger: Logger) {
        breaker = CircuitBreaker()
        table = InboxTable(database)
        self.arrivals = arrivals
        self.logger = logger
    }

    /// Takes a delivery, and answers once it is durable; from any thread, and at once where it cannot be.
    /// - Parameter deadline: when to give up; a write still under way then may yet succeed, which the unique id
    ///   settles at the next delivery.
    public func receive(_ delivery: Delivery, by deadline: ContinuousClock.Instant, _ answer: @escaping Answer) {
        guard !breaker.isOpen else { return answer(.failure(Unavailable())) }
        let (isTaken, writes, watches) = state.withLock { state in
            guard state.queue.count < Self.queueLimit else { return (false, false, false) }
            state.queue.append(Waiting(delivery: delivery, deadline: deadline, answer: answer))
            defer { (state.isWriting, state.isWatching) = (true, true) }
            return (true, !state.isWriting, !state.isWatching)
        }
        guard isTaken else { return answer(.failure(Unavailable())) }
        if writes { write() }
        if watches { Task { await watch() } }
    }

    /// Returns once the delivery is durable.
    /// - Throws: `Unavailable`.
    public func receive(
        _ delivery: Delivery,
        by deadline: ContinuousClock.Instant
    ) async throws(Unavailable) -> Receipt {
        try await withCheckedContinuation { continuation in
            receive(delivery, by: deadline) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Writes what was kept elsewhere, in order; waits for the database as long as it takes to fail.
    /// - Returns: what became of each.
    /// - Throws: `PostgresError`; then nothing is known to be written.
    public func drain(_ deliveries: [Delivery]) async throws -> [InboxTable.Entry] {
        let entries = try await table.write(deliveries)
        if entries.contains(where: { $0 != .duplicate }) { arrivals.ring() }
        return entries
    }

    /// Closes the circuit breaker where the database takes events again.
    /// - Throws: `PostgresError` while it does not.
    public func probe() async throws {
        try await table.probe()
        if breaker.close() { logger.notice("the database takes events again") }
    }

    /// Writes one batch and then the next, each with a turn of its own on the database's thread: others wait for that too.
    private func write() {
        table.write { [self] in
            state.withLock { state in
                state.underWay = Array(state.queue.prefix(Self.batchLimit))
                state.queue.removeFirst(state.underWay.count)
                return state.underWay.map(\.delivery)
            }
        } _: { [self] result in
            let batch = state.withLock { state in
                defer { state.underWay = [] }
                return state.underWay
            }
            switch result {
            case .success(let entries): settle(batch, entries)
            case .failure(let error): giveUp("events could not be stored", batch, error: "\(error)")
            }
            let goesOn = state.withLock { state in
                state.isWriting = !state.queue.isEmpty
                return state.isWriting
            }
            if goesOn { write() }
        }
    }

    private func settle(_ batch: [Waiting], _ entries: [InboxTable.Entry]) {
        // The workers hear of it before Stripe does, as they have more to do.
        if entries.contains(.stored) { arrivals.ring() }
        for (waiting, entry) in zip(batch, entries) {
            switch entry {
            case .stored: waiting.answer?(.success(waiting.delivery.quarantine == nil ? .accepted : .quarantined))
            case .duplicate: waiting.answer?(.success(.duplicate))
            case .refused(let reason):
                logger.error(
                    "an event was refused", metadata: ["event": "\(waiting.delivery.id)", "error": "\(reason)"])
                waiting.answer?(.failure(Unavailable()))
            }
        }
    }

    /// Nobody waits for a database that has just failed, nor do those who are queued.
    private func giveUp(_ message: Logger.Message, _ late: [Waiting], error: String) {
        breaker.open()
        let queued = state.withLock { state in
            defer { state.queue = [] }
            return state.queue
        }
        logger.error(message, metadata: ["count": "\(late.count + queued.count)", "error": "\(error)"])
        for waiting in late + queued { waiting.answer?(.failure(Unavailable())) }
    }

    /// Gives up, at its deadline, on whatever is still unanswered, written or not: the answer to Stripe must not
    /// wait for a blocked database thread.
    private func watch() async {
        while let next = nextDeadline() {
            do {
                try await Task.sleep(until: next, clock: .continuous)
            } catch {
                break  // never cancelled: nobody holds this task
            }
            let late = takeLate(at: .now)
            if !late.isEmpty {
                giveUp("events could not be stored in time", late, error: "the database did not answer")
            }
        }
    }

    /// - Returns: nil where nobody waits, and then nobody watches.
    private func nextDeadline() -> ContinuousClock.Instant? {
        state.withLock { state in
            let waiting = state.underWay.lazy.filter { $0.answer != nil }.map(\.deadline)
            let next = [waiting.min(), state.queue.lazy.map(\.deadline).min()].compactMap(\.self).min()
            state.isWatching = next != nil
            return next
        }
    }

    private func takeLate(at now: ContinuousClock.Instant) -> [Waiting] {
        state.withLock { state in
            var late = state.queue.filter { $0.deadline <= now }
            state.queue.removeAll { $0.deadline <= now }
            for index in state.underWay.indices where state.underWay[index].deadline <= now {
                guard state.underWay[index].answer != nil else { continue }
                late.append(state.underWay[index])
                state.underWay[index].answer = nil
            }
            return late
        }
    }
}
