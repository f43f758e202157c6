// SPDX-License-Identifier: Apache-2.0

/// A request that spends, under an id that nothing else has: sent again, it is the same request.
struct SpendingStep: Hashable, Sendable {
    enum Act: Hashable, Sendable {
        case hold, settle, release, debit
    }

    let act: Act
    let customer: String
    /// Of the hold or the debit.
    let id: String
    /// In credits; 0 for a release.
    let amount: Int64

    /// What it takes from the balance.
    var spends: Int64 { act == .settle || act == .debit ? amount : 0 }

    var method: String { act == .hold || act == .debit ? "PUT" : "POST" }

    var path: String {
        let customer = "/v1/customers/\(customer)"
        return switch act {
        case .hold: "\(customer)/holds/\(id)"
        case .settle: "\(customer)/holds/\(id)/settle"
        case .release: "\(customer)/holds/\(id)/release"
        case .debit: "\(customer)/debits/\(id)"
        }
    }

    /// Nil for one without.
    var body: String? {
        switch act {
        case .hold: #"{"amount":\#(amount),"ttl":"24h"}"#
        case .settle, .debit: #"{"amount":\#(amount)}"#
        case .release: nil
        }
    }
}
