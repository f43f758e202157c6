// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Notation

/// `/v1/customers/{customer}/debits` and `/v1/debits`: spend credits in one step.
struct DebitRoutes: Sendable {
    let spending: SpendingRequests

    func register(on routes: OperationRoutes) {
        routes.on(DebitsAPI.create, or: DebitsAPI.Debit.self) { call in
            let (path, wanted) = (call.parameters, call.body)
            let terms = Debit.Terms(
                amount: wanted.amount, allowsNegative: wanted.allowNegative ?? false, metadata: wanted.metadata ?? [:])
            let result = try await spending.result(
                of: Spending(customer: path.customer, id: path.debit, .debit(terms)))
            guard case .debit(let debit, let isNew) = result else { throw ProblemDetails.internalError }
            let document = DebitDocument.debit(debit, of: path.customer)
            return isNew ? .usual(document) : .other(document)
        }
        routes.on(DebitsAPI.createMany) { call in try await debit(call.body.debits) }
    }

    /// Each as it would be answered alone; 503 for the request only if it is for all of them.
    private func debit(_ items: [JSON]) async throws(ProblemDetails) -> Object<DebitsAPI.Outcomes> {
        let spendings = items.map(Self.spending)
        var outcomes = await spending.results(of: spendings.compactMap(\.success))[...]
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
