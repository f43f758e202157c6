// SPDX-License-Identifier: Apache-2.0

/// Everything that the decision about one customer needs. Values in, values out: what has changed since it was loaded
/// is what must be saved.
package struct Account: Sendable, Hashable {
    package let customer: String
    package internal(set) var subscriptions: [String: Subscription]
    /// Only the relevant ones: unpaid debts, and those that the current events name.
    package internal(set) var invoices: [String: Invoice]
    /// Those of the customer's purchases.
    package internal(set) var openDisputes: Set<String>
    /// Whether credits were ever bought, even if a refund that came first left nothing for the ledger.
    package internal(set) var hasPurchased: Bool
    /// Whether an operator ever gave credits.
    package internal(set) var wasGranted: Bool
    /// Final.
    package internal(set) var isDeleted: Bool
    package internal(set) var override: Override?
    /// Credits, and the ledger.
    package internal(set) var balance: Balance
    /// The stored answer; nil for a new customer.
    package internal(set) var access: Access?
    /// The configuration under which it was decided; see `Policy.fingerprint`.
    package internal(set) var decidedUnder: String

    /// The balance that the stored answer shows.
    var decidedCredits: Int64

    /// Timeline lines that are not saved yet.
    package internal(set) var newChanges: [AccessChange] = []

    package init(
        customer: String,
        subscriptions: [String: Subscription] = [:],
        invoices: [String: Invoice] = [:],
        openDisputes: Set<String> = [],
        hasPurchased: Bool = false,
        wasGranted: Bool = false,
        isDeleted: Bool = false,
        override: Override? = nil,
        balance: Balance? = nil,
        access: Access? = nil,
        decidedUnder: String = ""
    ) {
        self.customer = customer
        self.subscriptions = subscriptions
        self.invoices = invoices
        self.openDisputes = openDisputes
        self.hasPurchased = hasPurchased
        self.wasGranted = wasGranted
        self.isDeleted = isDeleted
        self.override = override
        self.balance = balance ?? Balance(customer: customer)
        self.access = access
        self.decidedUnder = decidedUnder
        decidedCredits = self.balance.credits
    }
}
