// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// What operators change about customers: the timeline shows their reasons and names.
package struct OperatorStore: Sendable {
    let database: Database
    let changes: Announcements

    /// Sets an operator's override; creates an account for a customer that no event has named yet.
    /// - Returns: `isNew` if it did.
    package func setOverride(
        of customer: String,
        allowed: Bool,
        reason: String,
        until: Timestamp?,
        operator name: String,
        policy: Policy
    ) async throws -> (access: AccessAnswer, isNew: Bool)? {
        let changed = try await change(customer, policy: policy) { account, now in
            let override = Override(allowed: allowed, reason: reason, until: until, operator: name, setAt: now)
            account.setOverride(override, at: now, policy: policy)
        }
        return changed.map { ($0.access, $0.isNew) }
    }

    /// - Returns: nil if there is no such customer; `wasSet` if there was an override to clear.
    package func clearOverride(
        of customer: String,
        operator name: String,
        policy: Policy
    ) async throws -> (access: AccessAnswer, wasSet: Bool)? {
        guard try await isKnown(customer) else { return nil }
        let changed = try await change(customer, policy: policy) { account, now in
            if account.override != nil { account.clearOverride(operator: name, at: now, policy: policy) }
        }
        return changed.map { ($0.access, $0.wasOverridden) }
    }

    private func isKnown(_ customer: String) async throws -> Bool {
        try await database.transaction { connection in
            try connection.execute("SELECT FROM tollgate.account WHERE customer_id = \(customer)").count > 0
        }
    }

    /// Gives credits, or takes them if `amount` is negative, once per `key`.
    /// - Parameter expiresAt: when those that are given lapse; nil for never.
    package func grant(
        _ amount: Int64,
        expiresAt: Timestamp? = nil,
        to customer: String,
        reason: String,
        key: String,
        operator name: String,
        policy: Policy
    ) async throws -> GrantResult {
        do {
            return try await grantOnce(
                amount, expiresAt: expiresAt, to: customer, reason: reason, key: key, operator: name, policy: policy)
        } catch  where error is KeyTaken || (error as? PostgresError)?.isUniqueViolation == true {
            // Two requests with one key: the second waited for the first one's account or entry, and finds it now.
            return try await grantOnce(
                amount, expiresAt: expiresAt, to: customer, reason: reason, key: key, operator: name, policy: policy)
        }
    }

    /// Taken by a request that was faster.
    private struct KeyTaken: Error {}

    /// Nothing stays of a grant that is refused, neither of a customer who had no account.
    private struct Refused: Error {
        let result: GrantResult
    }

    private func grantOnce(
        _ amount: Int64,
        expiresAt: Timestamp?,
        to customer: String,
        reason: String,
        key: String,
        operator name: String,
        policy: Policy
    ) async throws -> GrantResult {
        do {
            return try await database.transaction { [changes] connection in
                if let earlier = try Self.grant(key: key, connection) {
                    let isSame =
                        earlier.customer == customer && earlier.amount == amount && earlier.reason == reason
                        && earlier.expiresAt == expiresAt
                    return isSame ? .granted(earlier) : .keyReused
                }
                var rows = AccountRows(connection, telling: changes)
                var accounts = try rows.lock([customer], policy: policy)
                if try Self.grant(key: key, connection) != nil { throw KeyTaken() }
                if let expiresAt, expiresAt <= rows.now { throw Refused(result: .ended) }
                do throws(BalanceOverflow) {
                    try accounts[customer]?.grant(
                        amount, expiresAt: expiresAt, reason: reason, key: key, operator: name, at: rows.now,
                        policy: policy)
                } catch {
                    throw Refused(result: .overflow(error))
                }
                try rows.save(accounts.values)
                guard let entry = try Self.grant(key: key, connection) else { return .keyReused }
                return .granted(entry)
            }
        } catch let refused as Refused {
            return refused.result
        }
    }

    private static func grant(key: String, _ connection: Connection) throws -> CreditGrant? {
        try connection.execute(
            """
            SELECT e.customer_id, e.amount, e.note, e.balance, e.number, e.at, e.expires_at,
                   EXISTS (SELECT FROM tollgate.access_change c
                           WHERE c.customer_id = e.customer_id AND c.version = 1 AND c.cause = 'operator'
                             AND c.at = e.at) AS is_of_new_customer
            FROM tollgate.credit_entry e
            WHERE e.business_key = 'grant:' || \(key)
            """
        ).first.map(CreditGrant.init)
    }

    private func change(
        _ customer: String,
        policy: Policy,
        _ body: @Sendable @escaping (inout Account, Timestamp) -> Void
    ) async throws -> (access: AccessAnswer, isNew: Bool, wasOverridden: Bool)? {
        try await database.transaction {
            [changes] connection -> (access: AccessAnswer, isNew: Bool, wasOverridden: Bool)? in
            var rows = AccountRows(connection, telling: changes)
            var accounts = try rows.lock([customer], policy: policy)
            let wasOverridden = accounts[customer]?.override != nil
            var isNew = false
            if var account = accounts[customer] {
                isNew = account.access == nil
                body(&account, rows.now)
                accounts[customer] = account
            }
            let answers = try connection.pipeline { pipeline in
                rows.save(accounts.values, pipeline)
                return pipeline.execute(AccessReader.query([customer]))
            }
            return try AccessReader.answers(answers.rows)[customer].map { ($0, isNew, wasOverridden) }
        }
    }
}
