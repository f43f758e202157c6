/// How an attempt at an event ended.
public enum EventOutcome: Sendable, Hashable {
    case processed
    case ignored(detail: String)
    case failed(error: String)
    /// Its payload is no event.
    case quarantined(error: String)

    /// The word for `event_work.status` and `event_attempt.outcome`.
    public var status: EventStatus {
        switch self {
        case .processed: .processed
        case .ignored: .ignored
        case .failed: .failed
        case .quarantined: .quarantined
        }
    }

    var detail: String? {
        if case .ignored(let detail) = self { detail } else { nil }
    }

    var error: String? {
        switch self {
        case .failed(let error), .quarantined(let error): error
        case .processed, .ignored: nil
        }
    }
}

/// Where an event stands.
public enum EventStatus: String, Sendable, Hashable, CaseIterable {
    case pending, processed, ignored, failed, quarantined
}
