import Billing
import EventReading
import Notation
import Store
import Stripe

/// The middle of the pipeline: what a claimed batch means, decided in memory while its transaction is open.
struct Decider: Sendable {
    let policy: Policy

    /// One event's end, for the log and the metrics.
    struct Verdict: Sendable {
        let id: String
        let type: String
        var outcome: EventOutcome
    }

    /// Reads the events, applies their facts to the accounts they concern, and saves all of it.
    func handle(_ batch: inout ClaimedBatch) throws -> [Verdict] {
        guard !batch.entries.isEmpty else { return [] }
        let events = try batch.entries.map { entry in try decode(entry, in: batch) }
        let named = events.reduce(into: Set<String>()) { named, event in
            if case .success(let event) = event { named.formUnion(Interpretation.prices(named: event)) }
        }
        let prices = try batch.prices(named)

        var verdicts: [Verdict] = []
        var told: [(event: String, facts: [Fact])] = []
        var indices: [Int] = []
        for (entry, event) in zip(batch.entries, events) {
            let (verdict, facts) = read(entry, event, prices: prices)
            if !facts.isEmpty {
                told.append((entry.id, facts))
                indices.append(verdicts.count)
            }
            verdicts.append(verdict)
        }
        var books = try batch.openBooks(for: told)
        for (index, (event, facts)) in zip(indices, told) {
            do throws(BalanceOverflow) {
                try books.apply(facts, event: event, at: batch.now, policy: policy)
            } catch {
                verdicts[index].outcome = .failed(error: "\(error)")
            }
        }
        try batch.save(books, outcomes: verdicts.map { ($0.id, $0.outcome) })
        return verdicts
    }

    private func decode(
        _ entry: ClaimedBatch.Entry,
        in batch: ClaimedBatch
    ) throws -> Result<Event, Event.DecodingFailure> {
        let event = Result { () throws(Event.DecodingFailure) in try Event(payload: entry.payload) }
        // A payload that an earlier version could not read and this one can.
        if entry.type == nil, case .success(let event) = event { try batch.describe(entry.id, as: event) }
        return event
    }

    /// What one event says, from that event and the configuration alone.
    private func read(
        _ entry: ClaimedBatch.Entry,
        _ decoded: Result<Event, Event.DecodingFailure>,
        prices: [String: Price]
    ) -> (Verdict, [Fact]) {
        let event: Event
        do throws(Event.DecodingFailure) {
            event = try decoded.get()
        } catch {
            return (Verdict(id: entry.id, type: entry.type ?? "", outcome: .quarantined(error: "\(error)")), [])
        }
        do throws(FieldError) {
            switch try Interpretation(event, policy: policy, prices: prices) {
            case .facts(let facts, let remark):
                let outcome = EventOutcome.processed(detail: remark?.rawValue)
                return (Verdict(id: entry.id, type: event.type, outcome: outcome), facts)
            case .partly(let facts, let unreadable):
                let outcome = EventOutcome.failed(error: Self.describe(unreadable))
                return (Verdict(id: entry.id, type: event.type, outcome: outcome), facts)
            case .ignored(let why):
                return (Verdict(id: entry.id, type: event.type, outcome: .ignored(detail: why.rawValue)), [])
            }
        } catch {
            return (Verdict(id: entry.id, type: event.type, outcome: .failed(error: "\(error)")), [])
        }
    }

    /// The first of them: an event may have many.
    private static func describe(_ unreadable: [FieldError]) -> String {
        let shown = unreadable.prefix(3).map { "\($0)" }.joined(separator: "; ")
        return unreadable.count > 3 ? "\(shown); and more" : shown
    }
}
