// SPDX-License-Identifier: Apache-2.0

import Notation

/// What calls have used, whatever there is: what was used is owed.
extension Balance {
    /// Takes what a call is charged, or gives back the hold that was made for it if that is nothing.
    /// - Parameters:
    ///   - credits: 0 or more.
    ///   - record: the id of the call's record.
    ///   - hold: the one that was made for the call. One that a gateway has ended, or that is unknown, changes nothing.
    /// - Throws: `BalanceOverflow`; then nothing was done.
    package mutating func charge(
        _ credits: Int64, usage record: String, hold: String?, at now: Timestamp
    ) throws(BalanceOverflow) {
        precondition(credits >= 0, "a call gives no credits")
        var next = self
        next.elapse(to: now)
        if let hold = hold.flatMap({ next.holds[$0] }), !hold.isEndedByGateway {
            try next.charge(credits, hold, at: now)
        } else if credits > 0 {
            try next.take(
                credits, kind: .usage, businessKey: "usage:\(record)", cause: .usage(record), at: now)
        }
        self = next
    }

    /// Takes what a call should have been charged more, or gives back what it was charged too much.
    /// - Parameters:
    ///   - credits: above zero what is taken.
    ///   - correction: the id of the correction, which makes it once.
    ///   - record: the id of the call's record.
    /// - Throws: `BalanceOverflow`; then nothing was done.
    package mutating func correct(
        by credits: Int64, correction: String, of record: String, at now: Timestamp
    ) throws(BalanceOverflow) {
        guard credits != 0 else { return }
        var next = self
        next.elapse(to: now)
        try next.change(
            by: -credits, at: .grant(expiresAt: nil), kind: .correction, businessKey: "usage:\(correction)",
            cause: .usage(record), at: now)
        self = next
    }

    private mutating func charge(_ credits: Int64, _ hold: Hold, at now: Timestamp) throws(BalanceOverflow) {
        var hold = hold
        switch (hold.status, credits) {
        case (.open, 0): giveBack(&hold, at: now)
        // Its expiry has given it back already.
        case (.expired, 0): break
        default: try debit(&hold, credits, at: now)
        }
        keep(ifChanged: hold)
    }
}

extension Hold {
    /// Whether it was settled or released, rather than open or ended by its expiry.
    fileprivate var isEndedByGateway: Bool {
        switch status {
        case .open, .expired: false
        case .released: true
        case .settled: settlement?.isByExpiry == false
        }
    }
}
