// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Notation
import Postgres
import Store
import TestSupport
import Testing

/// One process that spends, on a database that others may share.
struct SpendingProcess: Sendable {
    let store: Store
    let database: TestDatabase
    var policy = Policy()

    /// Lends this many processes on one fresh database.
    static func with(
        _ count: Int = 1,
        _ body: (_ processes: [SpendingProcess]) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            let processes = (0..<count).map { _ in
                SpendingProcess(
                    store: Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
                    database: database)
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(processes))
            } catch {
                result = .failure(error)
            }
            for process in processes { try await process.store.close() }
            try result.get()
        }
    }

    func grant(
        _ amount: Int64, to customer: String = "cus_1", expiresIn: Duration? = nil, key: String = "g1"
    ) async throws {
        var now: Timestamp?
        if expiresIn != nil { now = try await self.now() }
        let result = try await store.operators.grant(
            amount, expiresAt: expiresIn.flatMap { span in now.map { $0 + span } }, to: customer, reason: "r", key: key,
            operator: "o", policy: policy)
        guard case .granted = result else { throw Refused(result: "\(result)") }
    }

    struct Refused: Error {
        let result: String
    }

    func spend(_ id: String, _ act: Spending.Act, of customer: String = "cus_1") async throws -> SpendingResult {
        try await withCheckedThrowingContinuation { continuation in
            store.spending.spend(
                Spending(customer: customer, id: id, act), policy: policy, by: .now + .seconds(60)
            ) { continuation.resume(with: $0) }
        }
    }

    func hold(_ id: String, _ amount: Int64, ttl: Duration = .seconds(600), onExpiry: Hold.OnExpiry = .release)
        async throws -> SpendingResult
    {
        try await spend(id, .hold(Hold.Terms(amount: amount, ttl: ttl, onExpiry: onExpiry)))
    }

    func balance(of customer: String = "cus_1") async throws -> BalanceRecord {
        try #require(try await store.balances.balance(of: customer))
    }

    func answer(of customer: String = "cus_1") async throws -> AccessAnswer? {
        try await withCheckedThrowingContinuation { continuation in
            store.access.read(customer, by: .now + .seconds(60)) { continuation.resume(with: $0) }
        }
    }

    func now() async throws -> Timestamp {
        try await TestDatabase.transaction(on: database.source) {
            try $0.execute("SELECT clock_timestamp() AS now").only["now"]
        }
    }

    func count(_ sql: SQL) async throws -> Int {
        try await TestDatabase.transaction(on: database.source) {
            try $0.execute("SELECT count(*) AS count FROM \(sql)").only["count"]
        }
    }

    /// What must be true of every database at every moment, besides its constraints: each hold's parts are held, and the
    /// ledger sums up to the balance.
    func expectSound() async throws {
        let wrong = try await count(
            """
            tollgate.account a
            WHERE a.held <> (SELECT coalesce(sum(h.granted), 0) FROM tollgate.hold h
                             WHERE h.customer_id = a.customer_id AND h.status = 'open')
               OR a.credits <> (SELECT coalesce(sum(e.amount), 0) FROM tollgate.credit_entry e
                                WHERE e.customer_id = a.customer_id)
            """)
        #expect(wrong == 0)
    }
}

extension SpendingResult {
    var hold: Hold? {
        if case .hold(let hold, _, _, _) = self { hold } else { nil }
    }

    var isNew: Bool? {
        switch self {
        case .hold(_, _, _, let isNew), .debit(_, let isNew): isNew
        case .refused: nil
        }
    }

    var available: Int64? {
        switch self {
        case .hold(_, _, let available, _): available
        case .debit(let debit, _): debit.available
        case .refused: nil
        }
    }

    var refusal: SpendingRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
