// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Notation
import Store
import Stripe

/// What to do with a claimed batch: read, load, decide, save. Reading and deciding are pure; the other two steps run in
/// the transaction that holds the batch.
struct BatchHandler: Sendable {
    let policy: Policy

    /// What one event says, and how it ends unless the accounts reject it.
    struct Reading: Sendable, Hashable {
        let facts: [Fact]
        var result: EventResult
    }

    func handle(_ batch: inout ClaimedBatch) throws -> [EventResult] {
        guard !batch.events.isEmpty else { return [] }
        let readings = batch.events.map { read($0, prices: batch.prices) }
        var (books, now) = try batch.load(
            concernedBy: readings.filter { !$0.facts.isEmpty }.map { ($0.result.event, $0.facts) })
        let results = decide(readings, in: &books, at: now)
        batch.complete(books, results)
        return results
    }

    /// What one event says, using only that event and the configuration.
    func read(_ claimed: ClaimedEvent, prices: [String: Price]) -> Reading {
        func unread(_ transition: EventTransition) -> Reading {
            Reading(facts: [], result: EventResult(event: claimed.id, type: claimed.type ?? "", transition))
        }
        guard let payload = claimed.payload else {
            return unread(.failed(error: "its payload is past its retention: nothing is left to process"))
        }
        let event: Event
        do throws(Event.DecodingFailure) {
            event = try Event(payload: payload)
        } catch {
            return unread(.quarantined(error: "\(error)"))
        }
        let (facts, transition) = interpret(event, prices)
        return Reading(
            facts: facts,
            result: EventResult(
                event: claimed.id, type: event.type, transition,
                // An earlier version could not read this payload, and this one can.
                described: claimed.type == nil ? event.envelope : nil))
    }

    /// Applies what the events say to the books, one after another.
    func decide(_ readings: [Reading], in books: inout Books, at now: Timestamp) -> [EventResult] {
        readings.map { reading in
            guard !reading.facts.isEmpty else { return reading.result }
            var result = reading.result
            do throws(BalanceOverflow) {
                try books.apply(reading.facts, event: result.event, at: now, policy: policy)
            } catch {
                result.transition = .failed(error: "\(error)")
            }
            return result
        }
    }

    private func interpret(_ event: Event, _ prices: [String: Price]) -> ([Fact], EventTransition) {
        do throws(FieldError) {
            switch try Interpretation(event, policy: policy, prices: prices) {
            case .facts(let facts, let remark): return (facts, .processed(remark: remark?.rawValue))
            case .partly(let facts, let unreadable): return (facts, .failed(error: Self.describe(unreadable)))
            case .ignored(let why): return ([], .ignored(reason: why.rawValue))
            }
        } catch {
            return ([], .failed(error: "\(error)"))
        }
    }

    /// Only the first few: an event may have many.
    private static func describe(_ unreadable: [FieldError]) -> String {
        let shown = unreadable.prefix(3).map { "\($0)" }.joined(separator: "; ")
        return unreadable.count > 3 ? "\(shown); and more" : shown
    }
}
