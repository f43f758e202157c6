import Stripe

/// One thing that entitles a customer, and for how long.
struct Entitlement: Hashable {
    let reason: Reason
    /// From when; nil for as long as anybody asks.
    var from: Timestamp?
    /// Until when; nil for never ending by itself.
    var until: Timestamp?

    init(_ reason: Reason, from: Timestamp? = nil, until: Timestamp? = nil) {
        self.reason = reason
        self.from = from
        self.until = until
    }

    func holds(at now: Timestamp) -> Bool {
        (from.map { $0 <= now } ?? true) && (until.map { now < $0 } ?? true)
    }

    /// Which of several gives the answer its reason.
    var rank: Int {
        switch reason {
        case .subscriptionActive: 2
        case .invoicePaid: 1
        default: 0
        }
    }
}
