// SPDX-License-Identifier: Apache-2.0

import Metrics
import Settings
import Store
import Stripe
import StripeAPI

extension StripeClient {
    /// For a server. Nil without a key.
    convenience init?(_ configuration: Configuration, metrics: any MetricsFactory) {
        guard let key = configuration.apiKey else { return nil }
        self.init(key, at: configuration.apiAddress, rate: RequestBudget.backfillRate, metrics: metrics)
    }

    /// For a command that nobody scrapes.
    /// - Throws: `ConfigurationError` without a key.
    convenience init(
        required configuration: Configuration, timeLimit: Duration = .seconds(30), rule: RetryRule = RetryRule()
    ) throws(ConfigurationError) {
        self.init(
            try configuration.required(\.apiKey), at: configuration.apiAddress, timeLimit: timeLimit, rule: rule,
            metrics: NOOPMetricsHandler.instance)
    }
}

extension Configuration {
    /// The accounts whose events are compared with what came; nil if none are.
    var reconciledAccounts: [String]? {
        self.apiKey == nil || self.reconciliation == nil
            ? nil : BackfillStore.accounts(besides: self.connectedAccounts)
    }
}
