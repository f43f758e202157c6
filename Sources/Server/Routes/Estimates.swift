// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Metering
import Store

/// What calls will cost at most, by the rates, the customer's plan and its month so far.
struct Estimates: Sendable {
    let tariffs: TariffReader
    let reads: GatewayReads
    let policy: ChargePolicy

    /// - Throws: `ProblemDetails` for a customer that nobody has named, and for a call without a price.
    func estimate(_ call: EstimateRequest, of customer: String) async throws -> Estimate {
        guard let reading = try await reads({ try await tariffs.reading(of: customer) }) else {
            throw ProblemDetails.unknownCustomer
        }
        guard let version = reading.tariff.plans.version(ofPrices: reading.prices, standard: policy.plan) else {
            throw ProblemDetails(.noRate, "TOLLGATE_PLAN is \(policy.plan), and there is no plan of this name.")
        }
        do throws(UsageFault) {
            return try reading.tariff.rates.estimate(
                call, at: reading.now, plan: version.plan, month: reading.month, creditValue: policy.creditValue,
                spendable: reading.balance.available, thresholds: policy.thresholds)
        } catch {
            throw ProblemDetails(.noRate, RouteProblem.words(for: error.field))
        }
    }
}

extension EstimateRequest {
    init(_ wanted: Object<some EstimateContent>) {
        self.init(
            provider: wanted.provider, model: wanted.model, inputTokens: wanted.inputTokens,
            maxOutputTokens: wanted.maxOutputTokens)
        cacheReadTokens = wanted.cacheReadTokens ?? 0
        cacheWrite5mTokens = wanted.cacheWrite5mTokens ?? 0
        cacheWrite1hTokens = wanted.cacheWrite1hTokens ?? 0
        isBatch = wanted.batch ?? false
    }
}
