import Stripe

/// An operator's word that an event which could not be taken in will not be: it counts as ignored from then on.
public struct Dismissal: Sendable, Hashable {
    /// What stands as the detail of such an event.
    public static let detail = "dismissed"

    public let event: String
    public let reason: String
    public let `operator`: String
    public let at: Timestamp
}

/// What became of a request to dismiss an event.
public enum DismissalResult: Sendable, Hashable {
    /// By this request, or by one before.
    case dismissed(Dismissal)
    case unknown
    /// It has not failed.
    case notDismissible(EventStatus)
}
