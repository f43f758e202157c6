// SPDX-License-Identifier: Apache-2.0

/// One step of an event's life, with its reason. A step whose attempt is told as such is kept in `event_attempt` for as long
/// as the event.
package enum EventTransition: Sendable, Hashable {
    /// The rules took in what it says.
    /// - Parameter remark: what an operator should know all the same.
    case processed(remark: String? = nil)
    /// It changes nothing.
    case ignored(reason: String)
    /// The rules or the database could not take it in, or too many processes died of it.
    case failed(error: String)
    /// Its payload is no event.
    case quarantined(error: String)
    /// Its process died while it had this event in hand among others: it may have been this one.
    case suspected
    /// Its process died of this event alone, which was a suspect before.
    /// - Parameter times: what is counted for it then, 2 or more.
    case crashed(times: Int)
    /// An operator has it run again.
    case requeued(by: String)
    /// An operator will not have it mended.
    case dismissed(reason: String, by: String)

    /// How long a suspect that one more process died of is left alone, once for each: a process that dies for another
    /// reason soon after its start, again and again, has not taken it in hand by then.
    private static let respite: Duration = .seconds(5)

    /// The states that it may lead from.
    package var sources: Set<EventState> {
        switch self {
        case .processed, .ignored, .failed, .quarantined, .suspected, .crashed: [.pending]
        case .requeued: [.processed, .ignored, .failed, .quarantined]
        case .dismissed: [.failed, .quarantined]
        }
    }

    /// The state that it leads to.
    package var target: EventState {
        switch self {
        case .processed: .processed
        case .ignored, .dismissed: .ignored
        case .failed: .failed
        case .quarantined: .quarantined
        case .suspected, .crashed, .requeued: .pending
        }
    }

    /// What is kept of it among the event's attempts.
    struct Attempt: Sendable, Hashable {
        let message: String?
        /// Who made it; nil for whoever asked for the replay that it was part of, if anybody did.
        var `operator`: String?
    }

    /// Nil where it is no end of an attempt.
    var attempt: Attempt? {
        switch self {
        case .processed(let remark): Attempt(message: remark)
        case .ignored(let reason): Attempt(message: reason)
        case .failed(let error), .quarantined(let error): Attempt(message: error)
        case .dismissed(let reason, let name): Attempt(message: "\(Dismissal.prefix)\(reason)", operator: name)
        case .suspected, .crashed, .requeued: nil
        }
    }

    /// What `event_work.detail` says from then on.
    var detail: String? {
        switch self {
        case .processed(let remark): remark
        case .ignored(let reason): reason
        case .dismissed: Dismissal.detail
        case .failed, .quarantined, .suspected, .crashed, .requeued: nil
        }
    }

    /// What `event_work.error` says from then on.
    var error: String? {
        switch self {
        case .failed(let error), .quarantined(let error): error
        case .processed, .ignored, .suspected, .crashed, .requeued, .dismissed: nil
        }
    }

    /// Whether `event_work.error` stays: what was wrong with a dismissed event stays to be seen.
    var keepsError: Bool {
        if case .dismissed = self { true } else { false }
    }

    /// Who asked for the attempt that is pending then.
    var requestedBy: String? {
        if case .requeued(let name) = self { name } else { nil }
    }

    /// Whether the attempt that is pending is still the one that was asked for.
    var keepsRequest: Bool {
        switch self {
        case .suspected, .crashed: true
        case .processed, .ignored, .failed, .quarantined, .requeued, .dismissed: false
        }
    }

    /// What is counted for it as a suspect from then on.
    var crashes: Int {
        switch self {
        case .suspected: 1
        case .crashed(let times): times
        case .processed, .ignored, .failed, .quarantined, .requeued, .dismissed: 0
        }
    }

    /// When it is due, from now on; nil where that stays as it was.
    var dueAfter: Duration? {
        switch self {
        case .requeued: .zero
        case .crashed(let times): Self.respite * (times - 1)
        case .processed, .ignored, .failed, .quarantined, .suspected, .dismissed: nil
        }
    }
}
