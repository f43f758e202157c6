import Logging
import Postgres
import Stripe

/// Makes deliveries durable, many with one commit: what arrives while one batch is being written is the next
/// batch. No timer, so a single delivery waits for nothing.
public actor Inbox {
    /// The delivery is not known to be durable: Stripe shall send it again.
    public struct Unavailable: Error, Hashable {}

    private struct Waiting {
        let delivery: Delivery
        let deadline: ContinuousClock.Instant
    }

    /// Above this, more rows in one statement gain little and delay the first.
    private static let batchLimit = 64

    private let database: Database
    private let arrivals: Doorbell
    private let logger: Logger
    private var queue: [UInt64] = []
    private var waiting: [UInt64: Waiting] = [:]
    private var answers: [UInt64: CheckedContinuation<Receipt, any Error>] = [:]
    private var nextTicket: UInt64 = 0
    private var isWriting = false
    private var isWatching = false

    init(_ database: Database, arrivals: Doorbell, logger: Logger) {
        self.database = database
        self.arrivals = arrivals
        self.logger = logger
    }

    /// Returns once the delivery is durable.
    /// - Parameter deadline: when to give up; a write still under way then may yet succeed, which the unique id
    ///   settles at the next delivery.
    /// - Throws: `Unavailable`.
    public func receive(_ delivery: Delivery, by deadline: ContinuousClock.Instant) async throws -> Receipt {
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
        let deliveries = batch.map(\.delivery)
        do {
            let fresh = try await database.transaction { try Self.insert(deliveries, $0) }
            var unclaimed = fresh
            for (ticket, delivery) in batch {
                // Of several copies in one batch, one is the event and the others are its duplicates.
                let isFirst = unclaimed.remove(delivery.id) != nil
                let stored: Receipt = delivery.quarantine == nil ? .accepted : .quarantined
                answer(ticket, .success(isFirst ? stored : .duplicate))
            }
            if !fresh.isEmpty { arrivals.ring() }
        } catch let error as PostgresError where error.isDataError && batch.count > 1 {
            // One refused value aborts the whole statement: it must not fail the others.
            for single in batch { await write([single]) }
        } catch {
            logger.error("events could not be stored", metadata: ["count": "\(batch.count)", "error": "\(error)"])
            for (ticket, _) in batch { answer(ticket, .failure(Unavailable())) }
        }
    }

    private func answer(_ ticket: UInt64, _ result: Result<Receipt, any Error>) {
        waiting[ticket] = nil
        answers.removeValue(forKey: ticket)?.resume(with: result)
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
                logger.error("events could not be stored in time", metadata: ["count": "\(late.count)"])
            }
            for ticket in late { answer(ticket, .failure(Unavailable())) }
            queue.removeAll { waiting[$0] == nil }
        }
        isWatching = false
    }

    /// - Returns: the ids that were not there before.
    private static func insert(_ deliveries: [Delivery], _ connection: Connection) throws -> Set<String> {
        // In the order of ids, so that two batches that share some wait for each other and never deadlock.
        var seen: Set<String> = []
        let sorted = deliveries.sorted { $0.id < $1.id }.filter { seen.insert($0.id).inserted }
        let rows = try connection.execute(
            """
            WITH arrived AS (
                SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::boolean[], $5::text[],
                                     $6::text[], $7::text[], $8::bytea[], $9::text[])
                    AS a (id, type, created, livemode, account, api_version, customer_id, payload, quarantine)
            ), kept AS (
                INSERT INTO tollgate.event (id, type, created, livemode, account, api_version, customer_id, payload)
                SELECT id, type, created, livemode, account, api_version, customer_id, payload
                FROM arrived
                ON CONFLICT (id) DO NOTHING
                RETURNING id
            ), queued AS (
                INSERT INTO tollgate.event_work (event_id, status, error)
                SELECT id, CASE WHEN quarantine IS NULL THEN 'pending' ELSE 'quarantined' END, quarantine
                FROM kept JOIN arrived USING (id)
            )
            SELECT id FROM kept
            """,
            .array(sorted.map(\.id)),
            .array(sorted.map { $0.event?.type }),
            .array(sorted.map { $0.event?.created }),
            .array(sorted.map { $0.event?.livemode }),
            .array(sorted.map { $0.event?.account }),
            .array(sorted.map { $0.event?.apiVersion }),
            .array(sorted.map { $0.event?.customer }),
            .array(sorted.map(\.payload)),
            .array(sorted.map(\.quarantine))
        )
        return try Set(rows.map { try $0.decode(String.self) })
    }
}
