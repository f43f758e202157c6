// SPDX-License-Identifier: Apache-2.0

/// What was taken back from each payment of a purchase.
extension PurchaseFacts {
    /// The sums of one payment.
    struct Payment {
        var paid: Int64?
        /// One for each charge of which less was captured than authorised.
        var captures: [PartialCapture] = []
        var refunds: [Int64] = []
        var kept: Int128 = 0
        var failed: Int128 = 0
        var cumulative: Int128 = 0
        var disputed: Int128 = 0

        /// A charge's cumulative amount includes refunds whose event never came, and refunds that failed later. It and
        /// the refunds may include the part that was authorised but not captured: that took no money back.
        var reversed: Int128 {
            var (others, named, booked) = (refunds, Int128(0), Int128(0))
            for capture in captures where !capture.isReleaseUnbooked {
                booked += Int128(capture.released)
                guard let index = others.firstIndex(of: capture.released) else { continue }
                named += Int128(others.remove(at: index))
            }
            let sum = max(kept - named, cumulative - failed - booked) + disputed
            return paid.map { min(sum, Int128($0)) } ?? sum
        }
    }

    /// By PaymentIntent, or by charge if only that is known.
    var payments: [String: Payment] {
        var payments: [String: Payment] = [:]
        for (id, part) in parts where part.kind == .charge {
            let key = part.paymentIntent ?? id
            payments[key, default: Payment()].cumulative += Int128(part.refunded ?? 0)
            if let paid = part.paid {
                let sum = (payments[key]?.paid ?? 0).addingReportingOverflow(paid)
                payments[key]?.paid = sum.overflow ? .max : sum.partialValue
            }
            if let capture = part.lastingCapture { payments[key]?.captures.append(capture) }
        }
        let currency = self.currency
        // An amount in another currency cannot be compared with what was paid: it is all gone until it comes back.
        func amount(_ amount: Int64, in other: String?) -> Int64 {
            guard let currency, let other, currency != other else { return amount }
            return .max
        }
        for refund in refunds.values {
            let key = payment(refund.charge, refund.paymentIntent)
            let amount = amount(refund.amount, in: refund.currency)
            if refund.status == .failed {
                payments[key, default: Payment()].failed += Int128(amount)
            } else {
                payments[key, default: Payment()].kept += Int128(amount)
                payments[key]?.refunds.append(amount)
            }
        }
        for dispute in disputes.values where dispute.standing.takes {
            payments[payment(dispute.charge, dispute.paymentIntent), default: Payment()].disputed += Int128(
                amount(dispute.amount, in: dispute.currency))
        }
        for key in payments.keys {
            guard let part = parts[key], part.kind == .paymentIntent, let paid = part.paid else { continue }
            // Only a charge shows how its release is booked; the intent knows better what has been captured since.
            if payments[key]?.paid != paid || payments[key]?.captures.isEmpty == true {
                payments[key]?.captures = [part.lastingCapture].compactMap(\.self)
            }
            payments[key]?.paid = paid
        }
        return payments
    }

    private func payment(_ charge: String?, _ paymentIntent: String?) -> String {
        paymentIntent ?? charge.flatMap { parts[$0]?.paymentIntent } ?? charge ?? ""
    }

    /// The currency of the payment, preferably from the charge: refunds and disputes refer to charges.
    package var currency: String? {
        parts.values.compactMap { part in part.currency.map { (part.kind, $0) } }.min { $0 < $1 }?.1
    }
}

extension PurchaseFacts.Part {
    /// Its partial capture, unless more has been captured since.
    fileprivate var lastingCapture: PartialCapture? { partialCapture?.captured == paid ? partialCapture : nil }
}
