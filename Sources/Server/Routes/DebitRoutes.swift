// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Notation
import Store

/// `/v1/customers/{customer}/debits` and `/v1/debits`: spend credits in one step.
enum DebitRoutes {
    static func many(_ shared: SpendingRoute.Shared, outages: Outages) -> LargeBodyRoute {
        LargeBodyRoute(DebitsAPI.createMany, shared, outages: outages) { try await debit($0.debits, shared.spending) }
    }

    static func one(_ shared: SpendingRoute.Shared) -> SpendingRoute {
        SpendingRoute(DebitsAPI.create, shared) { body throws(ProblemDetails) in
            .act(.debit(try terms(body)))
        } write: { result, customer, _ in
            guard case .debit(let debit, let isNew) = result else { return HotAnswer(.internalError) }
            return HotAnswer(DebitDocument.bytes(debit, of: customer), status: isNew ? .created : .ok)
        }
    }

    private static func terms(_ body: BodyObject?) throws(ProblemDetails) -> Debit.Terms {
        if let terms = body.flatMap(usualTerms) { return terms }
        let wanted: Object<DebitsAPI.Request> = try RequestReader.object(body)
        return Debit.Terms(
            amount: wanted.amount, allowsNegative: wanted.allowNegative ?? false, metadata: wanted.metadata ?? [:])
    }

    /// What nearly every gateway sends, many times as fast as by the contract's types; nil for anything else, which those
    /// read, or refuse.
    private static func usualTerms(_ body: BodyObject) -> Debit.Terms? {
        var amount: Int64?
        var allowsNegative = false
        for (name, value) in body.members {
            switch (name, value) {
            case ("amount", .integer(let number)) where PricesAPI.credits.contains(number): amount = number
            case ("allow_negative", .bool(let flag)): allowsNegative = flag
            default: return nil
            }
        }
        return amount.map { Debit.Terms(amount: $0, allowsNegative: allowsNegative) }
    }

    /// Each as it would be answered alone; 503 for the request only if it is for all of them.
    private static func debit(
        _ items: [JSON], _ requests: SpendingRequests
    ) async throws(ProblemDetails) -> Object<DebitsAPI.Outcomes> {
        let spendings = items.map(spending)
        var outcomes = await requests.results(of: spendings.compactMap(\.success))[...]
        let all = spendings.map { spending in
            spending.flatMap { _ in outcomes.popFirst() ?? .failure(.internalError) }
        }
        if !all.isEmpty, all.allSatisfy(\.isUnknown) { throw .unknownOutcome }
        return DebitDocument.outcomes(Array(zip(items, all)))
    }

    private static func spending(_ item: JSON) -> Result<Spending, ProblemDetails> {
        Result { () throws(ProblemDetails) in
            let wanted: Object<DebitsAPI.Item> = try RequestReader.element(item)
            let terms = Debit.Terms(
                amount: wanted.amount, allowsNegative: wanted.allowNegative ?? false, metadata: wanted.metadata ?? [:])
            return Spending(customer: wanted.customer, id: wanted.debit, .debit(terms))
        }
    }
}

extension Result {
    fileprivate var success: Success? {
        if case .success(let value) = self { value } else { nil }
    }
}

extension SpendingRequests.Outcome {
    fileprivate var isUnknown: Bool {
        if case .failure(let problem) = self { problem == .unknownOutcome } else { false }
    }
}
