import Stripe

/// How full the spool is, as of the last completed write or removal.
public struct SpoolState: Sendable, Hashable {
    /// Durable and not yet removed.
    public internal(set) var records = 0
    /// The size of all segments; what lies in `damaged/` and `refused/` is not counted.
    public internal(set) var bytes = 0
    /// Whether the limit is reached, or the last append was refused for want of room and nothing was removed since.
    public internal(set) var isFull = false
    /// Nil when the spool is empty.
    public internal(set) var oldestReceivedAt: Timestamp?
}
