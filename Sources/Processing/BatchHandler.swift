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
    /// Whether Stripe can be asked for what events only point to.
    var asksStripe = false

    /// What one event says, and how it ends unless the accounts reject it.
    struct Reading: Sendable, Hashable {
        let facts: [Fact]
        /// When it happened at Stripe.
        var created = Timestamp(seconds: 0)
        var result: EventResult
    }

    func handle(_ batch: inout ClaimedBatch) throws -> [EventResult] {
        guard !batch.events.isEmpty else { return [] }
        let readings = batch.events.map { read($0, prices: batch.prices) }
        var (books, now) = try batch.load(
            concernedBy: readings.filter { !$0.facts.isEmpty }.map { ($0.result.event, $0.facts) }, policy: policy)
        let results = decide(readings, in: &books, at: now)
        batch.complete(books, results)
        return results
    }

    /// What one event says, using only that event and the configuration.
    func read(_ claimed: ClaimedEvent, prices: [String: Price]) -> Reading {
        func unread(_ transition: EventTransition, _ loggable: String) -> Reading {
            let result = EventResult(event: claimed.id, type: claimed.type ?? "", transition, loggable: loggable)
            return Reading(facts: [], result: result)
        }
        guard let payload = claimed.payload else {
            let error = "its payload is past its retention: nothing is left to process"
            return unread(.failed(error: error), error)
        }
        var event: Event
        do throws(Event.DecodingFailure) {
            event = try Event(payload: payload)
        } catch {
            return unread(.quarantined(error: "\(error)"), error.loggable)
        }
        let wanted = WantedLines(event, policy: policy, prices: prices)
        let lines = claimed.lines.flatMap { try? JSON(bytes: $0).array }
        if let wanted, let lines { event = wanted.splice(lines, into: event) }
        let (facts, transition, loggable) = interpret(event, prices)
        var result = EventResult(
            event: claimed.id, type: event.type, transition, loggable: loggable,
            // An earlier version could not read this payload, and this one can.
            described: claimed.type == nil ? event.envelope : nil)
        if asksStripe {
            if wanted != nil, lines == nil { result.wants = .lines }
            if transition == .ignored(reason: Interpretation.Ignored.thin.rawValue) { result.wants = .thin }
        }
        return Reading(facts: facts, created: event.created, result: result)
    }

    /// Applies what the events say to the books, one after another.
    func decide(_ readings: [Reading], in books: inout Books, at now: Timestamp) -> [EventResult] {
        readings.map { reading in
            guard !reading.facts.isEmpty else { return reading.result }
            var result = reading.result
            do throws(BalanceOverflow) {
                try books.apply(reading.facts, event: result.event, created: reading.created, at: now, policy: policy)
            } catch {
                result.transition = .failed(error: "\(error)")
                result.loggable = BalanceOverflow.loggable
            }
            return result
        }
    }

    private func interpret(
        _ event: Event,
        _ prices: [String: Price]
    ) -> (facts: [Fact], transition: EventTransition, loggable: String?) {
        do throws(FieldError) {
            switch try Interpretation(event, policy: policy, prices: prices) {
            case .facts(let facts, let remark): return (facts, .processed(remark: remark?.rawValue), nil)
            case .partly(let facts, let unreadable):
                let error = Self.firstOf(unreadable.map(\.description))
                return (facts, .failed(error: error), Self.firstOf(unreadable.map(\.loggable)))
            case .ignored(let why): return ([], .ignored(reason: why.rawValue), nil)
            }
        } catch {
            return ([], .failed(error: "\(error)"), error.loggable)
        }
    }

    /// Only the first few: an event may have many.
    private static func firstOf(_ errors: [String]) -> String {
        let shown = errors.prefix(3).joined(separator: "; ")
        return errors.count > 3 ? "\(shown); and more" : shown
    }
}
