import Billing
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
        var verdicts: [Verdict] = []
        var facts: [(index: Int, fact: Fact)] = []
        for entry in batch.entries {
            let (verdict, fact) = try read(entry, in: batch)
            if let fact { facts.append((verdicts.count, fact)) }
            verdicts.append(verdict)
        }
        var accounts = try batch.lockAccounts(of: facts.map(\.fact))
        for (index, fact) in facts {
            guard var account = accounts[fact.customer] else { continue }
            do throws(BalanceOverflow) {
                try account.apply(fact, event: verdicts[index].id, at: batch.now, policy: policy)
                accounts[fact.customer] = account
            } catch {
                verdicts[index].outcome = .failed(error: "\(error)")
            }
        }
        try batch.save(accounts.values, outcomes: verdicts.map { ($0.id, $0.outcome) })
        return verdicts
    }

    /// What one event says, from that event and the configuration alone.
    private func read(_ entry: ClaimedBatch.Entry, in batch: ClaimedBatch) throws -> (Verdict, Fact?) {
        let event: Event
        do throws(Event.DecodingFailure) {
            event = try Event(payload: entry.payload)
        } catch {
            let verdict = Verdict(id: entry.id, type: entry.type ?? "", outcome: .quarantined(error: "\(error)"))
            return (verdict, nil)
        }
        // A payload that an earlier version could not read and this one can.
        if entry.type == nil { try batch.describe(entry.id, as: event) }
        do throws(FieldError) {
            switch try Reading(event, policy: policy) {
            case .fact(let fact):
                return (Verdict(id: entry.id, type: event.type, outcome: .processed), fact)
            case .ignored(let why):
                return (Verdict(id: entry.id, type: event.type, outcome: .ignored(detail: why.rawValue)), nil)
            }
        } catch {
            return (Verdict(id: entry.id, type: event.type, outcome: .failed(error: "\(error)")), nil)
        }
    }
}
