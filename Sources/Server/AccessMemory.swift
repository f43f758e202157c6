import Store
import Stripe
import Synchronization

/// The last answer about each customer, for when the database is away.
public final class AccessMemory: Sendable {
    private struct Entry {
        let answer: AccessAnswer
        let readAt: ContinuousClock.Instant
    }

    private let limit: Int
    private let lifetime: Duration
    private let entries = Mutex<[String: Entry]>([:])

    /// - Parameters:
    ///   - limit: customers.
    ///   - lifetime: how long an answer may be given after it was read.
    public init(limit: Int = 1_000_000, lifetime: Duration = .seconds(15 * 60)) {
        self.limit = limit
        self.lifetime = lifetime
    }

    func keep(_ answer: AccessAnswer, at now: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            // Any one goes: whoever asks for it again reads it again.
            if entries[answer.customer] == nil, entries.count >= limit, let some = entries.indices.first {
                entries.remove(at: some)
            }
            entries[answer.customer] = Entry(answer: answer, readAt: now)
        }
    }

    /// - Returns: what holds at `time` by what was known last; nil where nothing was, or too long ago.
    func recall(
        _ customer: String,
        at time: Timestamp,
        now: ContinuousClock.Instant = .now
    ) -> AccessAnswer? {
        entries.withLock { entries in
            guard let entry = entries[customer], entry.readAt.duration(to: now) <= lifetime else { return nil }
            return entry.answer.elapsed(to: time)
        }
    }
}
