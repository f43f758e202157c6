// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// The balances of one transaction that spends: locked in the order of customers, loaded with what the requests name, and
/// saved. What decides about access is loaded only where an answer may change.
struct SpendingRows {
    private let connection: Connection
    private let changes: Announcements
    private let policy: Policy
    /// What is known about one customer.
    private struct Known {
        let access: Access
        /// When readers of the feed were last told of it.
        let fedAt: Timestamp
        /// As it was loaded.
        let before: Balance
    }
    private var known: [String: Known] = [:]
    private var balances: [String: Balance] = [:]
    /// Accounts that somebody else has locked.
    private var lockedOut: Set<String> = []
    /// What last spent of each.
    private var causes: [String: Cause] = [:]
    private var now = Timestamp(microseconds: 0)

    /// - Parameter changes: told whose answer has changed, once that is committed.
    private init(_ connection: Connection, telling changes: Announcements, policy: Policy) {
        self.connection = connection
        self.changes = changes
        self.policy = policy
    }

    /// Does what is asked for in one transaction.
    /// - Parameter timeout: how long to wait for accounts that somebody else has locked; nil for not at all.
    /// - Returns: what came of each, in order; nil for those that were not waited for.
    static func spend(
        _ batch: [Spending], _ policy: Policy, _ changes: Announcements, _ connection: Connection,
        waitingFor timeout: Duration? = nil
    ) throws -> [Result<SpendingResult, any Error>?] {
        guard !batch.isEmpty else { return [] }
        do {
            return try connection.inTransaction { connection in
                var rows = SpendingRows(connection, telling: changes, policy: policy)
                try rows.lock(batch, waitingFor: timeout)
                let results = batch.map { rows.perform($0) }
                try rows.save()
                return results.map { result in result.map { .success($0) } }
            }
        } catch  where !DatabaseOutage.explains(error) {
            // One that the database refuses, or whose row cannot be read, must not fail the others.
            guard batch.count > 1 else { return [.failure(error)] }
            return try batch.flatMap { try spend([$0], policy, changes, connection, waitingFor: timeout) }
        }
    }

    /// Locks and loads what the requests need.
    private mutating func lock(_ spendings: [Spending], waitingFor timeout: Duration?) throws {
        let customers = Array(Set(spendings.map(\.customer))).sorted()
        let (debits, holds) = (spendings.filter(\.isDebit), spendings.filter { !$0.isDebit })
        let (accounts, heldBefore, debitedBefore, clock) = try connection.pipeline { pipeline in
            if let timeout { pipeline.execute(Connection.lockTimeout(timeout)) }
            return (
                pipeline.execute(
                    """
                    SELECT customer_id, \(StoredBalance.columns), \(StoredAccess.columns),
                           greatest(feed_at, 'epoch') AS feed_at
                    FROM tollgate.account
                    WHERE customer_id = ANY (\(customers))
                    ORDER BY customer_id
                    FOR UPDATE \(timeout == nil ? "SKIP LOCKED" : "" as SQL)
                    """),
                holds.isEmpty
                    ? nil
                    : pipeline.execute(
                        """
                        SELECT \(StoredHold.columns)
                        FROM \(Self.names.table(holds)) JOIN tollgate.hold h USING (customer_id, id)
                        """),
                debits.isEmpty
                    ? nil
                    : pipeline.execute(
                        """
                        SELECT \(StoredDebit.columns)
                        FROM \(Self.names.table(debits)) JOIN tollgate.debit d USING (customer_id, id)
                        """),
                pipeline.execute("SELECT clock_timestamp() AS now")
            )
        }
        now = try clock.rows.only["now"]
        for row in try accounts.rows {
            let customer: String = try row["customer_id"]
            // A row without an answer is being created by whoever holds its lock: it cannot be seen here.
            guard let access = try StoredAccess.decode(row) else { continue }
            let balance = try StoredBalance.decode(row, of: customer)
            balances[customer] = balance
            known[customer] = Known(access: access, fedAt: try row["feed_at"], before: balance)
        }
        lockedOut = try known.count == customers.count ? [] : existing(customers.filter { known[$0] == nil })
        for stored in try heldBefore?.rows.map(StoredHold.init) ?? [] {
            balances[stored.customer]?.know([stored.hold])
        }
        for stored in try debitedBefore?.rows.map(StoredDebit.init) ?? [] {
            balances[stored.customer]?.know(stored.debit)
        }
        try BalanceRows.elapse(&balances, to: now, connection)
        try knowPurchases(of: holds)
    }

    /// Which purchases lots belong to by now that a late settlement may give something back to.
    private mutating func knowPurchases(of spendings: [Spending]) throws {
        var lots: [String: [String]] = [:]
        for spending in spendings {
            guard let hold = balances[spending.customer]?.holds[spending.id], hold.settlement?.isByExpiry == true
            else { continue }
            lots[spending.customer, default: []] += hold.parts.filter { $0.kind == .purchase }.map(\.lot)
        }
        guard !lots.isEmpty else { return }
        let roots = try PurchaseRows(connection).roots(of: lots.values.flatMap(\.self))
        for (customer, own) in lots {
            balances[customer]?.know(purchases: roots.filter { own.contains($0.key) })
        }
    }

    /// Those that exist although they could not be locked.
    private func existing(_ customers: [String]) throws -> Set<String> {
        Set(
            try connection.execute(
                "SELECT customer_id FROM tollgate.account WHERE customer_id = ANY (\(customers)) AND version > 0"
            ).map { try $0["customer_id"] })
    }

    /// One request after the other.
    /// - Returns: nil if somebody else has the account locked.
    private mutating func perform(_ spending: Spending) -> SpendingResult? {
        guard !lockedOut.contains(spending.customer) else { return nil }
        guard let access = known[spending.customer]?.access else { return .refused(.unknownCustomer) }
        let decision = access.decision(at: now)
        guard
            let result = balances[spending.customer]?.perform(
                spending, denial: decision.allowed ? nil : decision.reason, at: now)
        else { return .refused(.unknownCustomer) }
        if case .refused = result {} else { causes[spending.customer] = spending.cause }
        return result
    }

    /// Saves and commits what has changed.
    private func save() throws {
        let changed = balances.values.filter { $0 != known[$0.customer]?.before }.sorted { $0.customer < $1.customer }
        let (decided, spent) = (changed.filter(mayChangeAnswer), changed.filter { !mayChangeAnswer($0) })
        var accounts = AccountRows(connection, telling: changes)
        var adopted: [Account] = []
        if !decided.isEmpty {
            let loaded = try accounts.lock(decided.map(\.customer), policy: policy)
            for balance in decided {
                guard var account = loaded[balance.customer] else { continue }
                account.adopt(balance, cause: causes[balance.customer] ?? .time, at: accounts.now, policy: policy)
                adopted.append(account)
            }
        }
        try connection.commit { pipeline in
            accounts.save(adopted, pipeline)
            guard !spent.isEmpty else { return }
            BalanceRows.save(spent, at: now, pipeline)
            let rows = spent.map { (balance: $0, news: news(of: $0)) }
            pipeline.execute(
                """
                UPDATE tollgate.account a SET \(Self.spent.assignments), \(Self.mark)
                FROM \(Self.spent.table(rows))
                WHERE a.customer_id = n.customer_id
                """)
            let told = rows.filter { $0.news == .now }.map(\.balance.customer)
            if !told.isEmpty { changes.announce(told, connection, pipeline) }
        }
    }

    /// Whether gateways and readers of the feed hear of a balance: of credits alone at most once a second, which the
    /// sweeper sees to.
    private enum News: Sendable {
        case none, later, now
    }

    private func news(of balance: Balance) -> News {
        guard let known = known[balance.customer], known.before.credits != balance.credits else { return .none }
        return FeedMark.isPast(known.fedAt, at: now) ? .now : .later
    }

    private static let spent = Unnest<(balance: Balance, news: News)> {
        Column.key("customer_id", \.balance.customer)
        Column("credits", \.balance.credits)
        Column("last_entry", \.balance.lastEntry)
        Column("lots") { StoredLot.encode($0.balance.lots) }
        Column("debt", \.balance.debt)
        Column("held", \.balance.held)
        Column("due_at", \.balance.dueAt)
        Column("lapses_at", \.balance.lapsesAt)
        Column.key("is_told") { $0.news == .now }
        Column.key("is_due") { $0.news == .later }
    }

    private static let mark = FeedMark.set(ifTold: "n.is_told", orDue: "n.is_due")

    /// Whether credits are now there, or no longer, or for another time.
    private func mayChangeAnswer(_ balance: Balance) -> Bool {
        known[balance.customer]?.before.coverage(at: now) != balance.coverage(at: now)
    }

    private static let names = Unnest<Spending> {
        Column("customer_id", \.customer)
        Column("id", \.id)
    }
}

extension Spending {
    fileprivate var isDebit: Bool {
        if case .debit = act { true } else { false }
    }

    fileprivate var cause: Cause { isDebit ? .debit(id) : .hold(id) }
}
