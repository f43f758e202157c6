/// How an attempt at an event ended.
package enum EventOutcome: Sendable, Hashable {
    /// - Parameter detail: what is worth knowing although it was taken in.
    case processed(detail: String? = nil)
    case ignored(detail: String)
    case failed(error: String)
    /// Its payload is no event.
    case quarantined(error: String)

    /// The word for `event_work.status` and `event_attempt.outcome`.
    package var status: EventStatus {
        switch self {
        case .processed: .processed
        case .ignored: .ignored
        case .failed: .failed
        case .quarantined: .quarantined
        }
    }

    var detail: String? {
        switch self {
        case .processed(let detail): detail
        case .ignored(let detail): detail
        case .failed, .quarantined: nil
        }
    }

    var error: String? {
        switch self {
        case .failed(let error), .quarantined(let error): error
        case .processed, .ignored: nil
        }
    }
}

/// Where an event stands.
package enum EventStatus: String, Sendable, Hashable, CaseIterable {
    case pending, processed, ignored, failed, quarantined
}
