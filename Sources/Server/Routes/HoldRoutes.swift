// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Metering
import NIOHTTP1
import Notation
import Store

/// `/v1/customers/{customer}/holds`: keep credits for a call, then settle or release them.
struct HoldRoutes: Sendable {
    let balances: BalanceReader
    let reads: GatewayReads

    func register(on routes: OperationRoutes) {
        routes.on(HoldsAPI.show) { call in
            let (customer, id) = (call.parameters.customer, call.parameters.hold)
            guard let record = try await reads({ try await balances.hold(id, of: customer) }) else {
                throw try await unknownHold(of: customer)
            }
            return HoldDocument.detail(record)
        }
        routes.on(HoldsAPI.list) { call in
            let wanted = call.parameters
            let status = wanted.status.flatMap { Hold.Status(rawValue: $0.rawValue) }
            let found = try await reads {
                try await balances.holds(
                    of: wanted.customer, status: status, limit: wanted.limit, after: wanted.startingAfter)
            }
            guard let found else { throw ProblemDetails.unknownCustomer }
            return HoldDocument.page(Array(found.prefix(wanted.limit)), hasMore: found.count > wanted.limit)
        }
    }

    private func unknownHold(of customer: String) async throws -> ProblemDetails {
        try await reads { try await balances.balance(of: customer) } == nil ? .unknownCustomer : .unknownHold
    }

    // MARK: Those that spend

    static func hot(_ shared: SpendingRoute.Shared) -> [SpendingRoute] {
        [
            SpendingRoute(HoldsAPI.create, shared) { body throws(ProblemDetails) in
                try hold(body)
            } write: { result, customer, estimate in
                guard case .hold(let hold, _, _, let isNew) = result else { return HotAnswer(.internalError) }
                let status: HTTPResponseStatus = isNew ? .created : .ok
                guard let estimate else { return answer(hold, customer, nil, hold.available, status: status) }
                let document = HoldDocument.hold(hold, of: customer, available: hold.available, estimate)
                return HotAnswer(document.json.bytes, status: status)
            },
            SpendingRoute(HoldsAPI.settle, shared) { body throws(ProblemDetails) in
                if let amount = usual(body, in: HoldsAPI.settledAmounts) { return .act(.settle(amount: amount)) }
                let wanted: Object<HoldsAPI.SettleRequest> = try RequestReader.object(body)
                return .act(.settle(amount: wanted.amount))
            } write: { result, customer, _ in
                current(result, customer)
            },
            SpendingRoute(HoldsAPI.release, shared) { _ throws(ProblemDetails) in
                .act(.release)
            } write: { result, customer, _ in
                current(result, customer)
            },
            SpendingRoute(HoldsAPI.extend, shared) { body throws(ProblemDetails) in
                let wanted: Object<HoldsAPI.ExtendRequest> = try RequestReader.object(body)
                return .act(.extend(ttl: wanted.ttl))
            } write: { result, customer, _ in
                current(result, customer)
            },
        ]
    }

    /// As the hold and the balance are now.
    private static func current(_ result: SpendingResult, _ customer: String) -> HotAnswer {
        guard case .hold(let hold, let credits, let available, _) = result else { return HotAnswer(.internalError) }
        return answer(hold, customer, credits, available, status: .ok)
    }

    private static func answer(
        _ hold: Hold, _ customer: String, _ credits: Int64?, _ available: Int64, status: HTTPResponseStatus
    ) -> HotAnswer {
        HotAnswer(HoldDocument.bytes(hold, of: customer, credits: credits, available: available), status: status)
    }

    private static func hold(_ body: BodyObject?) throws(ProblemDetails) -> SpendingRoute.Wanted {
        if let terms = body.flatMap(usualTerms) { return .act(.hold(terms)) }
        let wanted: Object<HoldsAPI.Request> = try RequestReader.object(body)
        switch (wanted.amount, wanted.estimate) {
        case (nil, nil): throw ProblemDetails(.missingField, "One of `amount` and `estimate` is missing.")
        case (_?, _?): throw ProblemDetails(.invalidField, "`amount` and `estimate`: leave one of them out.")
        case (let amount?, nil):
            if let minimum = wanted.minimum, minimum > amount {
                throw ProblemDetails(.invalidField, "The field `minimum` must be at most `amount`.")
            }
            return .act(.hold(terms(wanted, amount: amount)))
        case (nil, let call?):
            return .estimated(EstimateRequest(call)) { (amount) throws(ProblemDetails) in
                guard PricesAPI.credits.contains(amount) else {
                    throw ProblemDetails(.invalidField, "The call would take more than 10^15 credits.")
                }
                return terms(wanted, amount: amount)
            }
        }
    }

    private static func terms(_ wanted: Object<HoldsAPI.Request>, amount: Int64) -> Hold.Terms {
        Hold.Terms(
            amount: amount, minimum: wanted.minimum.map { min($0, amount) }, ttl: wanted.ttl ?? .seconds(600),
            onExpiry: wanted.onExpiry.flatMap { Hold.OnExpiry(rawValue: $0.rawValue) } ?? .release,
            metadata: wanted.metadata ?? [:], estimate: wanted.estimate?.json)
    }

    /// What nearly every gateway sends, many times as fast as by the contract's types; nil for anything else, which those
    /// read, or refuse.
    private static func usualTerms(_ body: BodyObject) -> Hold.Terms? {
        var (amount, minimum): (Int64?, Int64?)
        var ttl: Int64 = 600
        for (name, value) in body.members {
            switch (name, value) {
            case ("amount", .integer(let number)) where PricesAPI.credits.contains(number): amount = number
            case ("minimum", .integer(let number)) where PricesAPI.credits.contains(number): minimum = number
            case ("ttl", .string(let text)):
                guard let seconds = DurationText.seconds(text), HoldsAPI.times.contains(seconds) else { return nil }
                ttl = seconds
            default: return nil
            }
        }
        guard let amount, minimum ?? amount <= amount else { return nil }
        return Hold.Terms(amount: amount, minimum: minimum, ttl: .seconds(ttl))
    }

    private static func usual(_ body: BodyObject?, in range: ClosedRange<Int64>) -> Int64? {
        guard let members = body?.members, members.count == 1, case .integer(let amount) = members["amount"],
            range.contains(amount)
        else { return nil }
        return amount
    }
}
