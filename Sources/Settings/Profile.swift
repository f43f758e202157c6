// SPDX-License-Identifier: Apache-2.0

/// What is about to run: it determines which settings must be set and what the others default to.
package enum Profile: CaseIterable, Sendable {
    case serve
    case serveHTTPOnly
    case serveWorkerOnly
    case dev
    case migrate
    case prune
    case listSpool
    case drainSpool
    /// Asks Stripe, and keeps what it answers.
    case fetch
    /// Asks Stripe about the account itself.
    case stripeAccount

    /// Commands that an operator runs by hand also work in the folder of a `dev`, on its database.
    package var findsDatabaseOfDev: Bool {
        switch self {
        case .migrate, .prune, .drainSpool, .fetch, .stripeAccount: true
        case .serve, .serveHTTPOnly, .serveWorkerOnly, .dev, .listSpool: false
        }
    }

    /// Whether it has the listeners for Stripe, gateways and operators. A pure worker serves only health and metrics.
    package var answersRequests: Bool { self == .serve || self == .serveHTTPOnly || self == .dev }

    /// Whether it turns events into decisions.
    package var processesEvents: Bool { self == .serve || self == .serveWorkerOnly || self == .dev }

    /// The part that runs, if that is not everything.
    package var part: String? {
        switch self {
        case .serveHTTPOnly: "http"
        case .serveWorkerOnly: "worker"
        case .serve, .dev, .migrate, .prune, .listSpool, .drainSpool, .fetch, .stripeAccount: nil
        }
    }

    /// The settings that it cannot do without.
    package var needed: [any AnySetting] { SettingTable.all.filter { $0.neededBy.contains(self) } }

    /// The variables that other profiles need and this one does not: leaving one blank is no mistake.
    package var needless: [String] {
        SettingTable.all.filter { !$0.neededBy.isEmpty && !$0.neededBy.contains(self) }.flatMap(\.names)
    }
}

extension Profile {
    /// The variables that it cannot do without, listed for a sentence: `A, B and C`.
    package var neededNames: String {
        let names = needed.map(\.name)
        guard names.count > 1, let last = names.last else { return names.first ?? "nothing" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
