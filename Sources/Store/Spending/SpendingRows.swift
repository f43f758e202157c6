// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// What is asked of customers' credits, in one transaction.
enum SpendingRows {
    /// - Parameter timeout: how long to wait for accounts that somebody else has locked; nil for not at all.
    /// - Returns: what came of each, in order; nil for those that were not waited for.
    static func spend(
        _ batch: [Spending], _ policy: Policy, _ changes: Announcements, _ connection: Connection,
        waitingFor timeout: Duration? = nil
    ) throws -> [Result<SpendingResult, any Error>?] {
        try AccountBatch.perform(batch, connection) { batch, connection in
            var balances = LockedBalances(connection, telling: changes, policy: policy)
            let (debits, holds) = (batch.filter(\.isDebit), batch.filter { !$0.isDebit })
            try balances.lock(
                Set(batch.map(\.customer)), holds: holds.map(\.named), debits: debits.map(\.named),
                waitingFor: timeout)
            let results = batch.map { perform($0, &balances) }
            try balances.save()
            return results
        }
    }

    /// - Returns: nil if somebody else has the account locked.
    private static func perform(_ spending: Spending, _ balances: inout LockedBalances) -> SpendingResult? {
        guard !balances.lockedOut.contains(spending.customer) else { return nil }
        guard let decision = balances.decision(of: spending.customer) else { return .refused(.unknownCustomer) }
        let now = balances.now
        return balances.change(spending.customer) { balance in
            let result = balance.perform(spending, denial: decision.allowed ? nil : decision.reason, at: now)
            if case .refused = result { return (result, nil) }
            return (result, spending.cause)
        } ?? .refused(.unknownCustomer)
    }
}

extension Spending {
    fileprivate var isDebit: Bool {
        if case .debit = act { true } else { false }
    }

    fileprivate var named: LockedBalances.Named { LockedBalances.Named(customer: customer, id: id) }

    fileprivate var cause: Cause { isDebit ? .debit(id) : .hold(id) }
}
