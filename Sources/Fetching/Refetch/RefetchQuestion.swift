// SPDX-License-Identifier: Apache-2.0

import Notation
import StripeAPI

/// One thing that a refetch asks Stripe for.
enum RefetchQuestion: Sendable, Hashable {
    case object(ObjectKind, String)
    /// All that belong to something, page by page.
    case list(ObjectKind, of: Owner)

    enum Owner: Sendable, Hashable {
        case customer(String)
        case invoice(String)
        case paymentIntent(String)
        case charge(String)
    }

    var kind: ObjectKind {
        switch self {
        case .object(let kind, _), .list(let kind, _): kind
        }
    }

    /// The largest page that Stripe gives.
    static let pageSize = 100

    /// - Parameters:
    ///   - last: the id that the page before ended with; nil for the first page.
    ///   - since: how far lists of a customer's payments reach back.
    func request(after last: String?, since: Timestamp?) -> StripeRequest {
        switch self {
        case .object(let kind, let id):
            let path = "\(kind.path)/\(PercentEncoding.segment(id))"
            return .get(path, pairs: kind == .charge ? [("expand[]", "refunds")] : [])
        case .list(let kind, let owner):
            var pairs = owner.filter
            switch (kind, owner) {
            case (.subscription, _): pairs.append(("status", "all"))
            // Old invoices may still be open, so they are listed whatever their age.
            case (.charge, .customer), (.paymentIntent, .customer), (.checkoutSession, .customer):
                if let since { pairs.append(("created[gt]", "\(since.seconds)")) }
            default: break
            }
            if kind == .charge { pairs.append(("expand[]", "data.refunds")) }
            pairs.append(("limit", "\(Self.pageSize)"))
            if let last { pairs.append(("starting_after", last)) }
            return .get(kind.path, pairs: pairs, of: kind)
        }
    }
}

extension RefetchQuestion.Owner {
    fileprivate var filter: [(name: String, value: String)] {
        switch self {
        case .customer(let id): [("customer", id)]
        case .invoice(let id): [("invoice", id)]
        case .charge(let id): [("charge", id)]
        case .paymentIntent(let id): [("payment_intent", id)]
        }
    }
}

extension StripeRequest {
    /// Payments of invoices name what paid them in an object of its own.
    fileprivate static func get(
        _ path: String, pairs: [(name: String, value: String)], of kind: ObjectKind
    ) -> StripeRequest {
        guard kind == .invoicePayment else { return .get(path, pairs: pairs) }
        return .get(
            path,
            pairs: pairs.flatMap { pair in
                pair.name == "payment_intent"
                    ? [("payment[type]", pair.name), ("payment[payment_intent]", pair.value)] : [pair]
            })
    }
}
