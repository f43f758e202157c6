// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// The balances of one transaction: locked in the order of customers, loaded with the holds and debits that are named, and
/// saved. What decides about access is loaded only where an answer may change.
struct LockedBalances {
    /// A hold or debit of a customer.
    struct Named: Sendable {
        let customer: String
        let id: String
    }

    /// What is known about one customer.
    private struct Known {
        let access: Access
        /// When readers of the feed were last told of it.
        let fedAt: Timestamp
        /// As it was loaded.
        let before: Balance
    }

    private let connection: Connection
    private let changes: Announcements
    private let policy: Policy
    private var known: [String: Known] = [:]
    private var balances: [String: Balance] = [:]
    /// Those that were created by this transaction, or while it waited for them.
    private var created: Set<String> = []
    private var accounts: AccountRows
    /// Accounts that somebody else has locked.
    private(set) var lockedOut: Set<String> = []
    /// What last spent of each.
    private var causes: [String: Cause] = [:]
    private(set) var now = Timestamp(microseconds: 0)

    /// - Parameter changes: told whose answer has changed, once that is committed.
    init(_ connection: Connection, telling changes: Announcements, policy: Policy) {
        self.connection = connection
        self.changes = changes
        self.policy = policy
        accounts = AccountRows(connection, telling: changes)
    }

    // MARK: Loading

    /// Locks and loads the accounts that exist.
    /// - Parameter timeout: how long to wait for those that somebody else has locked; nil for not at all.
    mutating func lock(
        _ customers: Set<String>, holds: [Named], debits: [Named], waitingFor timeout: Duration?
    ) throws {
        let customers = customers.sorted()
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

    /// Makes accounts of customers that have none. Of those that somebody else makes meanwhile, theirs is waited for.
    mutating func create(_ customers: Set<String>) throws {
        let missing = customers.filter { balances[$0] == nil && !lockedOut.contains($0) }
        guard !missing.isEmpty else { return }
        for (customer, account) in try accounts.lock(missing, policy: policy) where missing.contains(customer) {
            balances[customer] = account.balance
            created.insert(customer)
        }
        now = max(now, accounts.now)
    }

    /// Which purchases lots belong to by now that a late settlement may give something back to.
    private mutating func knowPurchases(of holds: [Named]) throws {
        var lots: [String: [String]] = [:]
        for named in holds {
            guard let hold = balances[named.customer]?.holds[named.id], hold.settlement?.isByExpiry == true
            else { continue }
            lots[named.customer, default: []] += hold.parts.filter { $0.kind == .purchase }.map(\.lot)
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

    // MARK: Changing

    /// What the flag says; nil for a customer that has none, or whose account is not locked.
    func decision(of customer: String) -> Decision? { known[customer]?.access.decision(at: now) }

    /// - Parameters:
    ///   - cause: of the change, if there was one.
    ///   - body: changes the balance.
    /// - Returns: nil without an account that is locked.
    mutating func change<Value, Failure: Error>(
        _ customer: String, _ body: (inout Balance) throws(Failure) -> (value: Value, cause: Cause?)
    ) throws(Failure) -> Value? {
        guard var balance = balances[customer] else { return nil }
        // The only reference: it is changed in place.
        balances[customer] = nil
        defer { balances[customer] = balance }
        let (value, cause) = try body(&balance)
        if let cause { causes[customer] = cause }
        return value
    }

    // MARK: Saving

    /// Saves what has changed, and commits.
    /// - Parameter more: what is saved with it.
    mutating func save(with more: (Pipeline) -> Void = { _ in }) throws {
        let changed = balances.values.filter { created.contains($0.customer) || $0 != known[$0.customer]?.before }
            .sorted { $0.customer < $1.customer }
        let (decided, spent) = (changed.filter(mayChangeAnswer), changed.filter { !mayChangeAnswer($0) })
        var adopted: [Account] = []
        if !decided.isEmpty {
            let loaded = try accounts.lock(decided.map(\.customer), policy: policy)
            for balance in decided {
                guard var account = loaded[balance.customer] else { continue }
                account.adopt(balance, cause: causes[balance.customer] ?? .time, at: accounts.now, policy: policy)
                adopted.append(account)
            }
        }
        let (accounts, now) = (accounts, now)
        try connection.commit { pipeline in
            accounts.save(adopted, pipeline)
            more(pipeline)
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

    /// Whether credits are now there, or no longer, or for another time; or nobody has decided yet.
    private func mayChangeAnswer(_ balance: Balance) -> Bool {
        created.contains(balance.customer)
            || known[balance.customer]?.before.coverage(at: now) != balance.coverage(at: now)
    }

    private static let names = Unnest<Named> {
        Column("customer_id", \.customer)
        Column("id", \.id)
    }
}
