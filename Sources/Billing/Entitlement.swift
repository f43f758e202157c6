// SPDX-License-Identifier: Apache-2.0

import Notation

/// One thing that entitles a customer, and for how long.
struct Entitlement: Hashable {
    enum Span: Hashable {
        case always
        case until(Timestamp)
        case from(Timestamp)
    }

    let reason: Reason
    let span: Span

    init(_ reason: Reason, _ span: Span = .always) {
        self.reason = reason
        self.span = span
    }

    func holds(at now: Timestamp) -> Bool {
        switch span {
        case .always: true
        case .until(let end): now < end
        case .from(let start): start <= now
        }
    }

    /// When it begins or ends; nil for never.
    var boundary: Timestamp? {
        switch span {
        case .always: nil
        case .until(let time), .from(let time): time
        }
    }

    /// Which of several entitlements gives the answer its reason.
    var rank: Int {
        switch reason {
        case .subscriptionActive: 2
        case .invoicePaid: 1
        default: 0
        }
    }

    /// The few that decide: for each reason, whichever ends last and whichever begins first.
    static func decisive(_ entitlements: [Entitlement]) -> [Entitlement] {
        Dictionary(grouping: entitlements, by: \.reason).flatMap { reason, alike -> [Entitlement] in
            var (ends, starts): ([Timestamp], [Timestamp]) = ([], [])
            for entitlement in alike {
                switch entitlement.span {
                case .always: return [entitlement]
                case .until(let end): ends.append(end)
                case .from(let start): starts.append(start)
                }
            }
            return [ends.max().map(Span.until), starts.min().map(Span.from)].compactMap(\.self).map {
                Entitlement(reason, $0)
            }
        }
    }
}
