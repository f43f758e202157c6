// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Notation

/// Debits as gateways see them.
enum DebitDocument {
    /// A `DebitsAPI.Debit`, written by hand: the contract's types take many times as long.
    static func bytes(_ debit: Debit, of customer: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: capacity + customer.utf8.count + debit.id.utf8.count) { output in
            output.append("{\"amount\":")
            output.append(debit.terms.amount)
            output.append(",\"available\":")
            output.append(debit.available)
            output.append(",\"created_at\":\"")
            debit.createdAt.append(to: &output)
            output.append("\",\"credits\":")
            output.append(debit.credits)
            // Ids need no escapes: no route lets others through.
            output.append(",\"customer\":\"")
            output.append(customer.utf8.span)
            output.append("\",\"debit\":\"")
            output.append(debit.id.utf8.span)
            output.append("\"}")
        }
        return bytes
    }

    /// The most that a document takes, without the ids: 80 bytes of names, three numbers of 20, a time.
    private static let capacity = 140 + Timestamp.longestDescription

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
