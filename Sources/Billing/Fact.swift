// SPDX-License-Identifier: Apache-2.0

/// What one event says, in Tollgate's terms. An event may say several things.
package enum Fact: Sendable, Hashable {
    /// An invoice, and what it says about the subscription that it bills.
    case invoice(customer: String, Invoice, of: Subscription?)
    /// A subscription, and the invoice whose failure its status reports.
    case subscription(customer: String, Subscription, failed: Invoice?)
    case customerDeleted(customer: String)
    /// Objects that belong to one purchase, and what was taken back from it. Others may say whose it is.
    case purchase(PurchaseFacts)

    /// The invoice that it is about.
    package var invoice: String? {
        switch self {
        case .invoice(_, let invoice, _): invoice.id
        case .subscription(_, _, let failed): failed?.id
        case .customerDeleted, .purchase: nil
        }
    }

    /// The objects whose purchases it concerns.
    package var purchaseObjects: [String] {
        if case .purchase(let facts) = self { Array(facts.parts.keys) } else { [] }
    }
}
