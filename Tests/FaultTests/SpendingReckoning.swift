// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

/// What must hold after every fault: each step that was acknowledged took effect, once; each that was not takes effect once
/// however often it is sent again; and the sums agree.
struct SpendingReckoning {
    /// Of all that were acknowledged, so many are sent again.
    private static let sample = 300

    private let figures: SpendingLoad.Figures
    let lost: Int
    let doubled: Int

    /// The server runs, and its database too.
    init(_ figures: SpendingLoad.Figures, _ gateway: SpendingGateway, in cluster: FaultCluster) async throws {
        self.figures = figures
        #expect(figures.wrong.isEmpty, "\(figures.wrong.count) wrong answers: \(figures.wrong.prefix(3))")
        let found = try await SpendingRecord(cluster)
        let missing = figures.acknowledged.keys.filter { found.effects(of: $0) == 0 }
        lost = missing.count
        #expect(missing.isEmpty, "acknowledged and lost: \(missing.prefix(3))")
        #expect(found.unbalanced.isEmpty, "\(found.unbalanced)")

        let unacknowledged = figures.sent.filter { figures.acknowledged[$0] == nil }
        let done = unacknowledged.count { found.effects(of: $0) != 0 }
        print("not acknowledged: \(unacknowledged.count), of which \(done) had taken effect")
        for step in unacknowledged {
            for _ in 0..<2 { _ = try await Self.answer(to: step, gateway) }
        }
        for (step, answer) in figures.acknowledged.prefix(Self.sample) where step.spends > 0 {
            #expect(try await Self.answer(to: step, gateway) == answer, "\(step)")
        }

        let record = try await SpendingRecord(cluster)
        #expect(record.unbalanced.isEmpty, "\(record.unbalanced)")
        // One that is lost has taken effect by now, if it was among those sent again.
        let wrong = figures.sent.filter { record.effects(of: $0) != 1 && !missing.contains($0) }
        let spent = Dictionary(grouping: figures.sent.subtracting(missing), by: \.customer)
            .mapValues { $0.map(\.spends).reduce(0, +) }
        let unequal = missing.isEmpty ? SpendingLoad.customers.filter { record.spent[$0] != spent[$0] } : []
        doubled = wrong.count + unequal.count
        #expect(
            wrong.isEmpty, "not once: \(wrong.prefix(3).map { "\($0): \(String(describing: record.effects(of: $0)))" })"
        )
        #expect(unequal.isEmpty, "\(unequal.map { "\($0): \(record.spent[$0] ?? 0), not \(spent[$0] ?? 0)" })")
    }

    /// Sends it until it is confirmed.
    private static func answer(to step: SpendingStep, _ gateway: SpendingGateway) async throws -> JSON {
        try await eventually("an answer to \(step)") {
            switch await gateway.send(step) {
            case .done(let answer): return answer
            case .unknown: return nil
            case .wrong(let answer): throw NeverCame(description: answer)
            }
        }
    }

    /// Adds a line to the table that `scripts/test --faults` prints at its end.
    func report(_ fault: String, cycles: Int) {
        FaultReport.add(
            fault, cycles: cycles, acknowledged: figures.acknowledged.count, refused: figures.unconfirmed, lost: lost,
            doubled: doubled, slowest: figures.slowest)
    }
}
