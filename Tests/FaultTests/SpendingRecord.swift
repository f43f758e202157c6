// SPDX-License-Identifier: Apache-2.0

import Postgres
import Testing

/// What the database holds about the spending of a load.
struct SpendingRecord {
    private struct Hold {
        let status: String
        let debited: Int64?
    }

    private let holds: [String: Hold]
    private let debits: [String: Int64]
    /// What calls were charged, in credits.
    private let usage: [String: Int64]
    /// Amounts in the ledger by the id of the hold, debit or record.
    private let entries: [String: [Int64]]
    /// What each customer has spent by the ledger.
    let spent: [String: Int64]
    /// Customers whose sums differ, and how.
    let unbalanced: [String]

    init(_ cluster: FaultCluster) async throws {
        let holds = try await cluster.query { connection in
            try connection.execute("SELECT id, status, debited FROM tollgate.hold")
                .map { try $0.decode(String.self, String.self, Int64?.self) }
        }
        let debits = try await cluster.query { connection in
            try connection.execute("SELECT id, amount FROM tollgate.debit").map {
                try $0.decode(String.self, Int64.self)
            }
        }
        let usage = try await cluster.query { connection in
            try connection.execute("SELECT id, credits FROM tollgate.usage_record").map {
                try $0.decode(String.self, Int64.self)
            }
        }
        let entries = try await cluster.query { connection in
            try connection.execute(
                """
                SELECT customer_id, coalesce(hold_id, debit_id, usage_id), amount FROM tollgate.credit_entry
                WHERE kind IN ('settlement', 'debit', 'usage')
                """
            ).map { try $0.decode(String.self, String.self, Int64.self) }
        }
        self.holds = Dictionary(holds.map { ($0.0, Hold(status: $0.1, debited: $0.2)) }) { first, _ in first }
        self.debits = Dictionary(debits) { first, _ in first }
        self.usage = Dictionary(usage) { first, _ in first }
        self.entries = Dictionary(grouping: entries, by: \.1).mapValues { $0.map(\.2) }
        spent = Dictionary(grouping: entries, by: \.0).mapValues { -$0.map(\.2).reduce(0, +) }
        unbalanced = try await cluster.query { connection -> [String] in
            try connection.execute(Self.sums).map { try $0.decode(String.self) }
        }
    }

    /// The sum of the ledger is the balance, which is what remains in the lots less the debt; and what open holds took from
    /// lots is what the lots and the account say that they keep.
    private static let sums: SQL = """
        SELECT format('%s: credits %s, ledger %s, lots %s, debt %s, held %s, in lots %s, in holds %s', a.customer_id,
                      a.credits, e.sum, l.remaining, a.debt, a.held, l.held, h.sum)
        FROM tollgate.account a
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS sum FROM tollgate.credit_entry
                            WHERE customer_id = a.customer_id) e
        CROSS JOIN LATERAL (SELECT coalesce(sum(remaining), 0) AS remaining, coalesce(sum(held), 0) AS held
                            FROM jsonb_to_recordset(a.lots) AS lot (remaining bigint, held bigint)) l
        CROSS JOIN LATERAL (SELECT coalesce(sum(part.amount), 0) AS sum
                            FROM tollgate.hold h, jsonb_to_recordset(h.parts) AS part (amount bigint)
                            WHERE h.customer_id = a.customer_id AND h.status = 'open') h
        WHERE (a.credits, a.credits, a.held, a.held) <> (e.sum, l.remaining - a.debt, l.held, h.sum)
        """

    /// How often a step took effect; nil if its effect is not what it asked for.
    func effects(of step: SpendingStep) -> Int? {
        let hold = holds[step.id]
        switch step.act {
        case .hold: return hold == nil ? 0 : 1
        case .release: return hold?.status == "released" ? 1 : 0
        case .settle:
            guard let hold, hold.status == "settled" else { return entries[step.id] == nil ? 0 : nil }
            return hold.debited == step.amount ? count(step) : nil
        case .debit:
            guard let debit = debits[step.id] else { return entries[step.id] == nil ? 0 : nil }
            return debit == step.amount ? count(step) : nil
        case .usage:
            guard let credits = usage[step.id] else { return entries[step.id] == nil ? 0 : nil }
            return credits == step.amount ? count(step) : nil
        case .usageOfHold:
            guard let credits = usage[step.id] else { return entries[step.id] == nil ? 0 : nil }
            return credits == step.amount && hold?.debited == step.amount ? count(step) : nil
        }
    }

    private func count(_ step: SpendingStep) -> Int? {
        let amounts = entries[step.id, default: []]
        return amounts.allSatisfy { $0 == -step.amount } && !amounts.isEmpty ? amounts.count : nil
    }
}
