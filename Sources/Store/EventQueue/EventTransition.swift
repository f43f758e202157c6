// SPDX-License-Identifier: Apache-2.0

/// One step in an event's life, with its reason. A step that ends an attempt is kept in `event_attempt` for as long as
/// the event.
package enum EventTransition: Sendable, Hashable {
    /// The rules took in what it says.
    /// - Parameter remark: what an operator should know all the same.
    case processed(remark: String? = nil)
    /// It changes nothing.
    case ignored(reason: String)
    /// The rules or the database could not take it in, or too many processes died of it.
    case failed(error: String)
    /// It was read as far as it goes, and Stripe does not answer what it points to.
    case unanswered(error: String, by: String)
    /// Its payload is not an event.
    case quarantined(error: String)
    /// Its process died while it held this event among others: it may have been the cause.
    case suspected
    /// Its process died while handling this event alone, which was already a suspect.
    /// - Parameter times: its new count, 2 or more.
    case crashed(times: Int)
    /// An operator lets it run again.
    case requeued(by: String)
    /// An operator gave up on fixing it.
    case dismissed(reason: String, by: String)

    /// How long to leave a suspect alone after one more process died of it, once for each death: a process that dies
    /// again and again for another reason soon after its start has not taken it by then.
    private static let respite: Duration = .seconds(5)

    /// The states that it may lead from.
    package var sources: Set<EventState> {
        switch self {
        case .processed, .ignored, .failed, .quarantined, .suspected, .crashed: [.pending]
        case .requeued: [.processed, .ignored, .failed, .quarantined]
        case .unanswered: [.processed, .ignored]
        case .dismissed: [.failed, .quarantined]
        }
    }

    /// The state that it leads to.
    package var target: EventState {
        switch self {
        case .processed: .processed
        case .ignored, .dismissed: .ignored
        case .failed, .unanswered: .failed
        case .quarantined: .quarantined
        case .suspected, .crashed, .requeued: .pending
        }
    }

    /// What is kept about it among the event's attempts.
    struct Attempt: Sendable, Hashable {
        let message: String?
        /// Who made it; nil for whoever requested the replay that it was part of, if anybody did.
        var `operator`: String?
    }

    /// Nil if it does not end an attempt.
    var attempt: Attempt? {
        switch self {
        case .processed(let remark): Attempt(message: remark)
        case .ignored(let reason): Attempt(message: reason)
        case .failed(let error), .quarantined(let error): Attempt(message: error)
        case .unanswered(let error, let name): Attempt(message: error, operator: name)
        case .dismissed(let reason, let name): Attempt(message: "\(Dismissal.prefix)\(reason)", operator: name)
        case .suspected, .crashed, .requeued: nil
        }
    }

    /// The new value of `event_work.detail`.
    var detail: String? {
        switch self {
        case .processed(let remark): remark
        case .ignored(let reason): reason
        case .dismissed: Dismissal.detail
        case .failed, .unanswered, .quarantined, .suspected, .crashed, .requeued: nil
        }
    }

    /// The new value of `event_work.error`.
    var error: String? {
        switch self {
        case .failed(let error), .unanswered(let error, _), .quarantined(let error): error
        case .processed, .ignored, .suspected, .crashed, .requeued, .dismissed: nil
        }
    }

    /// Whether `event_work.error` stays: what was wrong with a dismissed event remains visible.
    var keepsError: Bool {
        if case .dismissed = self { true } else { false }
    }

    /// Who requested the attempt that is then pending.
    var requestedBy: String? {
        if case .requeued(let name) = self { name } else { nil }
    }

    /// Whether the pending attempt is still the one that was requested.
    var keepsRequest: Bool {
        switch self {
        case .suspected, .crashed: true
        case .processed, .ignored, .failed, .unanswered, .quarantined, .requeued, .dismissed: false
        }
    }

    /// Its new count as a suspect.
    var crashes: Int {
        switch self {
        case .suspected: 1
        case .crashed(let times): times
        case .processed, .ignored, .failed, .unanswered, .quarantined, .requeued, .dismissed: 0
        }
    }

    /// When it is due, counted from now; nil if that stays the same.
    var dueAfter: Duration? {
        switch self {
        case .requeued: .zero
        case .crashed(let times): Self.respite * (times - 1)
        case .processed, .ignored, .failed, .unanswered, .quarantined, .suspected, .dismissed: nil
        }
    }
}
