import Logging
import Postgres
import Stripe

/// Makes deliveries durable, many with one commit: what arrives while one batch is being written is the next
/// batch. No timer, so a single delivery waits for nothing.
public actor Inbox {
    /// The delivery is not known to be durable: it belongs in the spool, or Stripe shall send it again.
    public struct Unavailable: Error, Hashable {}

    private struct Waiting {
        let delivery: Delivery
        let deadline: ContinuousClock.Instant
    }

    /// Above this, more rows in one statement gain little and delay the first.
    public static let batchLimit = 64
    /// What waits beyond is turned away at once: it could not be written in time.
    private static let queueLimit = 4096

    /// Open while the database does not take events: then nobody waits for it.
    public nonisolated let breaker: CircuitBreaker

    private let table: InboxTable
    private let arrivals: Doorbell
    private let logger: Logger
    private var queue: [UInt64] = []
    private var waiting: [UInt64: Waiting] = [:]
    private var answers: [UInt64: CheckedContinuation<Receipt, any Error>] = [:]
    private var nextTicket: UInt64 = 0
    private var isWriting = false
    private var isWatching = false

    init(_ database: Database, arrivals: Doorbell, logger: Logger) {
        breaker = CircuitBreaker()
        table = InboxTable(database)
        self.arrivals = arrivals
        self.logger = logger
    }

    /// Returns once the delivery is durable.
    /// - Parameter deadline: when to give up; a write still under way then may yet succeed, which the unique id
    ///   settles at the next delivery.
    /// - Throws: `Unavailable`.
    public func receive(_ delivery: Delivery, by deadline: ContinuousClock.Instant) async throws -> Receipt {
        guard !breaker.isOpen, queue.count < Self.queueLimit else { throw Unavailable() }
        nextTicket += 1
        let ticket = nextTicket
        return try await withCheckedThrowingContinuation { continuation in
            answers[ticket] = continuation
            waiting[ticket] = Waiting(delivery: delivery, deadline: deadline)
            queue.append(ticket)
            if !isWriting {
                isWriting = true
                Task { await self.write() }
            }
            if !isWatching {
                isWatching = true
                Task { await self.watch() }
            }
        }
    }

    /// Writes what was kept elsewhere, in order; waits for the database as long as it takes to fail.
    /// - Returns: what became of each.
    /// - Throws: `PostgresError`; then nothing was written.
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

    private func write() async {
        while !queue.isEmpty {
            let tickets = Array(queue.prefix(Self.batchLimit))
            queue.removeFirst(tickets.count)
            // Those that gave up while they were queued are gone.
            let batch = tickets.compactMap { ticket in waiting[ticket].map { (ticket, $0.delivery) } }
            await write(batch)
        }
        isWriting = false
    }

    private func write(_ batch: [(ticket: UInt64, delivery: Delivery)]) async {
        guard !batch.isEmpty else { return }
        do {
            let entries = try await table.write(batch.map(\.delivery))
            for ((ticket, delivery), entry) in zip(batch, entries) {
                switch entry {
                case .stored: answer(ticket, .success(delivery.quarantine == nil ? .accepted : .quarantined))
                case .duplicate: answer(ticket, .success(.duplicate))
                case .refused(let reason):
                    logger.error("an event was refused", metadata: ["event": "\(delivery.id)", "error": "\(reason)"])
                    answer(ticket, .failure(Unavailable()))
                }
            }
            if entries.contains(.stored) { arrivals.ring() }
        } catch {
            giveUp("events could not be stored", batch.map(\.ticket), error: "\(error)")
        }
    }

    private func answer(_ ticket: UInt64, _ result: Result<Receipt, any Error>) {
        waiting[ticket] = nil
        answers.removeValue(forKey: ticket)?.resume(with: result)
    }

    /// Nobody waits for a database that has just failed, nor do those who are queued.
    private func giveUp(_ message: Logger.Message, _ tickets: [UInt64], error: String) {
        breaker.open()
        let all = tickets + queue
        queue = []
        logger.error(message, metadata: ["count": "\(all.count)", "error": "\(error)"])
        for ticket in all { answer(ticket, .failure(Unavailable())) }
    }

    /// Gives up, at its deadline, on whatever is still unanswered, written or not: the answer to Stripe must not
    /// wait for a blocked database thread.
    private func watch() async {
        while let next = waiting.values.map(\.deadline).min() {
            do {
                try await Task.sleep(until: next, clock: .continuous)
            } catch {
                break  // never cancelled: nobody holds this task
            }
            let now = ContinuousClock.now
            let late = waiting.filter { $0.value.deadline <= now }.keys
            if !late.isEmpty {
                giveUp("events could not be stored in time", Array(late), error: "the database did not answer")
            }
        }
        isWatching = false
    }
}
