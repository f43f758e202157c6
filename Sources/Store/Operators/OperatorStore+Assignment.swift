// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

extension OperatorStore {
    /// Assigns a purchase to a customer and, if `credits` is given, sets how many it buys. An operator's decision
    /// outranks what Stripe's objects say later. Idempotent; with another customer the later decision counts, and the
    /// previous customer loses the credits.
    /// - Parameters:
    ///   - object: any payment intent, charge, Checkout session or invoice of it.
    ///   - credits: 1 to 10^15; nil if its objects say how many.
    package func assign(
        _ object: String,
        to customer: String,
        credits: Int64?,
        reason: String,
        operator name: String,
        policy: Policy
    ) async throws -> AssignmentResult {
        try await database.transaction { [changes] connection in
            // Purchases stay for good: one that exists now exists when it is locked. Locking alone would create one.
            guard try PurchaseStore.find(object, connection) != nil else { return .unknown }
            var purchases = PurchaseRows(connection)
            var books = try purchases.lock([object])
            let now: Timestamp = try connection.execute("SELECT clock_timestamp() AS now").only["now"]
            guard let purchase = books.purchase(of: object) else { return .unknown }
            let assignment: PurchaseFacts.Assignment
            switch purchase.facts.judge(
                customer: customer, credits: credits, reason: reason, operator: name, at: now)
            {
            case .assign(let fitting): assignment = fitting
            case .unchanged:
                return try PurchaseStore.find(object, connection).map { .assigned($0, takenFrom: nil) } ?? .unknown
            case .isOf(let other): return .isOf(other)
            case .noCredits: return .noCredits
            case .unpaid: return .unpaid
            }
            var accounts = AccountRows(connection, telling: changes)
            let opened = try accounts.lock(books.customers(concernedBy: object, and: customer), policy: policy)
            books.open(opened.values, losses: try purchases.losses(at: opened.keys))
            do throws(BalanceOverflow) {
                try books.assign(object, assignment, at: accounts.now, policy: policy)
            } catch {
                return .overflow(error)
            }
            try connection.pipeline { pipeline in
                accounts.save(books.accounts.values, pipeline)
                purchases.save(books, pipeline)
            }
            var taking: AssignmentResult.Taking?
            if let former = purchase.facts.customer, former != customer {
                // What had lapsed of it could not be taken.
                let lapsed = books.purchase(of: object)?.credited[former] ?? 0
                taking = try AccessReader.answers(of: [former], connection)[former].map {
                    AssignmentResult.Taking(credits: (purchase.credited[former] ?? 0) - lapsed, access: $0)
                }
            }
            return try PurchaseStore.find(object, connection).map { .assigned($0, takenFrom: taking) } ?? .unknown
        }
    }
}
