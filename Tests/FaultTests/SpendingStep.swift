// SPDX-License-Identifier: Apache-2.0

import Notation

/// A request that spends, under an id that nothing else has: sent again, it is the same request.
struct SpendingStep: Hashable, Sendable {
    enum Act: Hashable, Sendable {
        case hold, settle, release, debit
        /// A call's record, without a hold, or of the hold with its id.
        case usage, usageOfHold
    }

    let act: Act
    let customer: String
    /// Of the hold, the debit or the record.
    let id: String
    /// In credits; 0 for a release.
    let amount: Int64

    /// What it takes from the balance.
    var spends: Int64 {
        switch act {
        case .settle, .debit, .usage, .usageOfHold: amount
        case .hold, .release: 0
        }
    }

    var method: String { act == .hold || act == .debit ? "PUT" : "POST" }

    var path: String {
        let customer = "/v1/customers/\(customer)"
        return switch act {
        case .hold: "\(customer)/holds/\(id)"
        case .settle: "\(customer)/holds/\(id)/settle"
        case .release: "\(customer)/holds/\(id)/release"
        case .debit: "\(customer)/debits/\(id)"
        case .usage, .usageOfHold: "/v1/usage"
        }
    }

    /// Nil for one without.
    var body: String? {
        switch act {
        case .hold: #"{"amount":\#(amount),"ttl":"24h"}"#
        case .settle, .debit: #"{"amount":\#(amount)}"#
        case .release: nil
        case .usage: record(hold: "")
        case .usageOfHold: record(hold: #","hold":"\#(id)""#)
        }
    }

    /// What calls of the load cost: a unit is worth a credit.
    static let rates = #"""
        {"rates":[{"provider":"load","model":"load","effective_at":"2026-01-01T00:00:00Z","unit:call":"0.001"}]}
        """#

    private func record(hold: String) -> String {
        #"""
        {"records":[{"id":"\#(id)","customer":"\#(customer)","provider":"load","dialect":"tokens","model":"load",
         "at":"2026-11-01T12:00:00Z","usage":{"unit:call":\#(amount)}\#(hold)}]}
        """#
    }

    /// What is the same however often it is sent.
    /// - Returns: nil for what no answer says.
    func result(in answer: JSON) -> JSON? {
        guard act == .usage || act == .usageOfHold else { return answer }
        let outcome = answer["data"]?[0]
        return ["recorded", "duplicate"].contains(outcome?["outcome"]) ? outcome?["receipt"] : nil
    }
}
