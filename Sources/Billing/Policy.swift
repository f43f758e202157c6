// SPDX-License-Identifier: Apache-2.0

/// The operator's billing configuration. An argument everywhere, never a fact of an account.
package struct Policy: Sendable, Hashable {
    /// Which invoices without a subscription are debts.
    package enum Debts: String, Sendable, Hashable, CaseIterable {
        /// Those that are charged automatically.
        case charged
        /// Those that are sent by mail as well.
        case all
    }

    /// Whether live events count (`STRIPE_MODE=live`) or test ones.
    package var livemode: Bool
    /// Connected accounts whose events count, besides the platform's own.
    package var connectedAccounts: Set<String>
    /// How long a failed invoice may stay unpaid before it blocks.
    package var gracePeriod: Duration
    /// The metadata key that says how many credits a purchase buys.
    package var creditsKey: String
    /// Whether an open dispute blocks access. Its credits are taken back either way.
    package var blocksOnDispute: Bool
    package var debts: Debts
    /// How long after its event's `created` what a purchase gave lapses; nil for never. Only of purchases that are first
    /// applied under it.
    package var creditsExpiry: Duration?

    package init(
        livemode: Bool = true,
        connectedAccounts: Set<String> = [],
        gracePeriod: Duration = .seconds(72 * 3600),
        creditsKey: String = "credits",
        blocksOnDispute: Bool = false,
        debts: Debts = .charged,
        creditsExpiry: Duration? = nil
    ) {
        self.livemode = livemode
        self.connectedAccounts = connectedAccounts
        self.gracePeriod = gracePeriod
        self.creditsKey = creditsKey
        self.blocksOnDispute = blocksOnDispute
        self.debts = debts
        self.creditsExpiry = creditsExpiry
    }

    /// The part of it that decides about customers whose facts have not changed.
    package var fingerprint: String {
        "grace=\(gracePeriod.components.seconds)s dispute=\(blocksOnDispute) debts=\(debts)"
    }
}
