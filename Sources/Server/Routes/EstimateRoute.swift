// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Metering
import Notation
import Store

/// `/v1/estimate`: what a call will cost at most, before it is made.
struct EstimateRoute: Sendable {
    let tariffs: TariffReader
    let reads: GatewayReads
    let policy: ChargePolicy

    func register(on routes: OperationRoutes) {
        routes.on(EstimateAPI.estimate) { call in
            let wanted = call.body
            guard let reading = try await reads({ try await tariffs.reading(of: wanted.customer) }) else {
                throw ProblemDetails.unknownCustomer
            }
            return Self.document(try estimate(wanted, reading))
        }
    }

    private func estimate(
        _ wanted: Object<EstimateAPI.Request>, _ reading: TariffReader.Reading
    ) throws(ProblemDetails) -> Estimate {
        guard let version = reading.tariff.plans.version(ofPrices: reading.prices, standard: policy.plan) else {
            throw ProblemDetails(.noRate, "TOLLGATE_PLAN is \(policy.plan), and there is no plan of this name.")
        }
        do throws(UsageFault) {
            return try reading.tariff.rates.estimate(
                EstimateRequest(wanted), at: reading.now, plan: version.plan, month: MonthToDate(),
                creditValue: policy.creditValue, spendable: reading.balance.available, thresholds: policy.thresholds)
        } catch {
            throw ProblemDetails(.noRate, RouteProblem.words(for: error.field))
        }
    }

    private static func document(_ estimate: Estimate) -> Object<EstimateAPI.Answer> {
        Object {
            $0.cost = estimate.cost.description
            $0.charge = estimate.charge.description
            $0.credits = estimate.credits
            $0.warning = estimate.warning.map { $0 == .expensive ? .expensive : .longContext }
            $0.enough = estimate.isEnough
        }
    }
}

extension EstimateRequest {
    fileprivate init(_ wanted: Object<EstimateAPI.Request>) {
        self.init(
            provider: wanted.provider, model: wanted.model, inputTokens: wanted.inputTokens,
            maxOutputTokens: wanted.maxOutputTokens)
        cacheReadTokens = wanted.cacheReadTokens ?? 0
        cacheWrite5mTokens = wanted.cacheWrite5mTokens ?? 0
        cacheWrite1hTokens = wanted.cacheWrite1hTokens ?? 0
        isBatch = wanted.batch ?? false
    }
}
