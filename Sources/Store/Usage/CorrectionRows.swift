// SPDX-License-Identifier: Apache-2.0

import Billing
import Hashing
import Metering
import Notation
import Postgres

/// The corrections of one transaction.
struct CorrectionRows {
    private struct Posted: Sendable {
        let id: String
        let call: StoredCall
        let correction: UsageCorrection
        let at: Timestamp
    }

    private let calls: [StoredCall]
    private let draft: String
    private let policies: UsageStore.Policies
    private var balances: LockedBalances
    private var accounts: [String: UsageAccount]
    private var posted: [Posted] = []
    private(set) var failed = 0

    var corrected: Int { posted.count }

    /// Locks the accounts, one after the other, and loads what they have come to.
    init(
        _ calls: [StoredCall], draft: String, _ policies: UsageStore.Policies, _ changes: Announcements,
        _ connection: Connection
    ) throws {
        self.calls = calls
        self.draft = draft
        self.policies = policies
        balances = LockedBalances(connection, telling: changes, policy: policies.access)
        let customers = Set(calls.map(\.customer))
        // As long as for anything that nobody waits for.
        try balances.lock(customers, holds: [], debits: [], waitingFor: .seconds(2))
        accounts = try StoredUsageAccount.load(
            customers, months: Set(calls.map(\.call.at.startOfMonth)), connection)
    }

    mutating func correct(by tariff: Tariff) throws {
        for stored in calls {
            do throws(UsageFault) {
                try correct(stored, by: tariff.rates)
            } catch {
                failed += 1
            }
        }
    }

    private mutating func correct(_ stored: StoredCall, by rates: RateBook) throws(UsageFault) {
        var account = accounts[stored.customer] ?? UsageAccount(customer: stored.customer)
        guard
            let correction = try account.correct(
                stored.call, by: rates, creditValue: policies.charges.creditValue)
        else { return }
        let (id, now) = (try id(of: stored.record), balances.now)
        do throws(BalanceOverflow) {
            _ = try balances.change(stored.customer) { (balance: inout Balance) throws(BalanceOverflow) in
                try balance.correct(by: correction.receipt.credits, correction: id, of: stored.record, at: now)
                return ((), correction.receipt.credits == 0 ? nil : .usage(stored.record))
            }
        } catch {
            throw .balance
        }
        accounts[stored.customer] = account
        posted.append(Posted(id: id, call: stored, correction: correction, at: now))
    }

    /// The same for the same record and draft: no correction is ever made twice.
    private func id(of record: String) throws(UsageFault) -> String {
        guard let digest = Digest.sha256(Array("\(draft):\(record)".utf8)) else { throw .balance }
        return UsageCorrection.idPrefix + digest.prefix(40)
    }

    /// - Parameter more: what is saved with it.
    mutating func save(with more: (Pipeline) -> Void) throws {
        let posted = posted
        var sums = UsageSums()
        for one in posted { sums.add(one.correction, of: one.call) }
        let last = Dictionary(posted.map { ($0.call.customer, $0) }) { $1 }.values
            .sorted { $0.call.customer < $1.call.customer }
        try balances.save { pipeline in
            if !posted.isEmpty {
                pipeline.execute(Self.insertion(posted))
                StoredUsageAccount.save(
                    last.map {
                        StoredUsageAccount(
                            customer: $0.call.customer, number: $0.correction.number,
                            carried: $0.correction.receipt.remainder)
                    }, pipeline)
                sums.save(pipeline)
            }
            more(pipeline)
        }
    }

    private static func insertion(_ posted: [Posted]) -> SQL {
        """
        INSERT INTO tollgate.usage_record
            (id, customer_id, number, key_id, provider, dialect, model, at, recorded_at, status, is_batch, usage, request,
             hold_id, digest, livemode, lines, marks, cost, charge, bill, credit_value, carried, credits, remainder,
             rate_id, plan_id, corrects)
        SELECT n.id, u.customer_id, n.number, u.key_id, u.provider, u.dialect, u.model, u.at, n.recorded_at, u.status,
               u.is_batch, NULL, '{}', NULL, u.digest, u.livemode, n.lines, '[]', n.cost, n.charge, n.bill,
               n.credit_value, n.carried, n.credits, n.remainder, n.rate_id, u.plan_id, u.id
        FROM \(rows.table(posted))
        JOIN tollgate.usage_record u ON u.id = n.record
        """
    }

    private static let rows = Unnest<Posted> {
        Column("id", \.id)
        Column("record", \.call.record)
        Column("number", \.correction.number)
        Column("recorded_at", \.at)
        Column("lines") { JSON.array($0.correction.receipt.lines.map(\.json)) }
        Column("cost", \.correction.receipt.cost)
        Column("charge", \.correction.receipt.charge)
        Column("bill", \.correction.bill.rawValue)
        Column("credit_value", \.correction.creditValue.dollars)
        Column("carried", \.correction.carried)
        Column("credits", \.correction.receipt.credits)
        Column("remainder", \.correction.receipt.remainder)
        Column("rate_id", \.correction.receipt.rate)
    }
}
