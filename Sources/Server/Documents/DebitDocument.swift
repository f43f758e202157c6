// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Notation

/// Debits as gateways see them.
enum DebitDocument {
    static func debit(_ debit: Debit, of customer: String) -> Object<DebitsAPI.Debit> {
        Object {
            $0.debit = debit.id
            $0.customer = customer
            $0.amount = debit.terms.amount
            $0.credits = debit.credits
            $0.available = debit.available
            $0.createdAt = debit.createdAt
        }
    }

    /// - Parameter outcomes: each with what was sent, in order.
    static func outcomes(_ outcomes: [(item: JSON, outcome: SpendingRequests.Outcome)]) -> Object<DebitsAPI.Outcomes> {
        Object {
            $0.data = outcomes.map { item, outcome in
                Object {
                    let (customer, debit) = (item["customer"]?.string, item["debit"]?.string)
                    $0.customer = customer.flatMap { DebitsAPI.Path.form.content.customer.admits($0) ? $0 : nil }
                    $0.debit = debit.flatMap { DebitsAPI.Path.form.content.debit.admits($0) ? $0 : nil }
                    $0.set(outcome)
                }
            }
        }
    }
}

extension Object<DebitsAPI.Outcome> {
    fileprivate mutating func set(_ outcome: SpendingRequests.Outcome) {
        switch outcome {
        case .success(.debit(let debit, let isNew)):
            self.status = isNew ? 201 : 200
            self.amount = debit.terms.amount
            self.credits = debit.credits
            self.available = debit.available
            self.createdAt = debit.createdAt
        case .success: set(ProblemDetails.internalError)
        case .failure(let problem): set(problem)
        }
    }

    private mutating func set(_ problem: ProblemDetails) {
        self.status = Int64(problem.status.code)
        self.code = problem.code
        self.detail = problem.detail
        self.available = problem.members["available"]?.integer
    }
}
