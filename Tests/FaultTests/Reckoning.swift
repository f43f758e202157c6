// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import TestSupport
import Testing

/// What must hold after every fault: every acknowledged event is stored, and every stored event took effect once.
struct Reckoning {
    let lost: Int
    let doubled: Int

    /// Waits until nothing is pending, and counts.
    init(_ loads: [(name: String, figures: Load.Figures)], in cluster: FaultCluster, spools: [String]) async throws {
        for spool in spools {
            try await eventually("an empty spool in \(spool)", within: .seconds(120)) {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: spool)) ?? []
                return names.contains { $0.hasSuffix(".spool") } ? nil : true
            }
        }
        try await eventually("the end of all events", within: .seconds(180)) { () -> Bool? in
            let pending = try await cluster.query { connection in
                try connection.execute("SELECT count(*) FROM tollgate.event_work WHERE status = 'pending'").first?
                    .decode(Int.self) ?? 0
            }
            return pending == 0 ? true : nil
        }
        let stored = Set(
            try await cluster.query { connection -> [String] in
                try connection.execute("SELECT id FROM tollgate.event").map { try $0.decode(String.self) }
            })
        let failed = try await cluster.query { connection -> [String] in
            try connection.execute(
                """
                SELECT event_id || ': ' || coalesce(error, '')
                FROM tollgate.event_work
                WHERE status IN ('failed', 'quarantined')
                """
            ).map { try $0.decode(String.self) }
        }
        let accounts = try await cluster.query { connection -> [(String, Int64, Int64, Int)] in
            try connection.execute(
                """
                SELECT customer_id, a.credits, coalesce(sum(e.amount), 0)::bigint, count(e.number)
                FROM tollgate.account a
                LEFT JOIN tollgate.credit_entry e USING (customer_id)
                GROUP BY customer_id, a.credits
                """
            ).map { try $0.decode(String.self, Int64.self, Int64.self, Int.self) }
        }
        #expect(failed.isEmpty, "\(failed.prefix(3))")

        var lost = 0
        var expected: [String: Set<String>] = [:]
        for (name, figures) in loads {
            lost += figures.acknowledged.keys.count { !stored.contains($0) }
            for (id, payment) in figures.sent where stored.contains(id) {
                expected[Load.customer(of: payment, name), default: []].insert("\(name)_\(payment)")
            }
        }
        var doubled = 0
        for (customer, payments) in expected {
            let due = Int64(payments.count) * Load.credits
            let account = accounts.first { $0.0 == customer }
            if account?.1 != due || account?.2 != due || account?.3 != payments.count { doubled += 1 }
        }
        self.lost = lost
        self.doubled = doubled
        #expect(lost == 0)
        #expect(doubled == 0)
    }

    /// Adds a line to the table that `scripts/test --faults` prints at its end.
    func report(_ fault: String, cycles: Int, _ figures: Load.Figures...) {
        let acknowledged = figures.map(\.acknowledged.count).reduce(0, +)
        let spooled = figures.map(\.spooled).reduce(0, +)
        let refused = figures.map(\.refused).reduce(0, +)
        FaultReport.add(
            fault, cycles: cycles, acknowledged: acknowledged, spooled: spooled, refused: refused, lost: lost,
            doubled: doubled, slowest: figures.map(\.slowest).max() ?? .zero)
    }
}
