// SPDX-License-Identifier: Apache-2.0

import Console
import Notation

/// What a closed loop of holds and settlements measured, for people and for programs.
struct SpendReport {
    private let load: LoadReport

    private static let shares = [0.5, 0.99]

    init(_ load: LoadReport) {
        self.load = load
    }

    /// Holds that were settled within the time measured.
    var pairs: Int { load.tally.followed }

    private var rate: Double {
        load.tally.elapsed > .zero ? Double(pairs) / (load.tally.elapsed / .seconds(1)) : 0
    }

    /// Answers other than 2xx, and none.
    private var errors: Int { load.everything.answers - load.everything.successes + load.everything.failures }

    func lines(_ terminal: Terminal) -> [String] {
        let holds = load.tally.latencies.milliseconds(Self.shares).map { BenchFigure.text($0, digits: 2) }
        let settlements = load.tally.followUps.milliseconds(Self.shares).map { BenchFigure.text($0, digits: 2) }
        var figures = TextTable(
            "PAIRS/S", "HOLD P50 MS", "P99 MS", "SETTLE P50 MS", "P99 MS", "ERRORS", "SERVER CORES", "DATABASE CORES",
            "BENCH CORES")
        figures.add(
            BenchFigure.text(rate, digits: 0), holds[0], holds[1], settlements[0], settlements[1], "\(errors)",
            BenchFigure.text(load.use.server, digits: 2), BenchFigure.text(load.use.database, digits: 2),
            BenchFigure.text(load.use.own, digits: 2))
        return [load.title(terminal)] + figures.lines(terminal) + [""] + load.answers(terminal)
    }

    var json: JSON {
        let holds = load.tally.latencies.milliseconds(Self.shares).map { BenchFigure.json($0, digits: 3) }
        let settlements = load.tally.followUps.milliseconds(Self.shares).map { BenchFigure.json($0, digits: 3) }
        let figures: [String: JSON] = [
            "pairs_per_second": BenchFigure.json(rate, digits: 1),
            "hold_p50_ms": holds[0], "hold_p99_ms": holds[1],
            "settle_p50_ms": settlements[0], "settle_p99_ms": settlements[1],
            "errors": .integer(Int64(errors)),
        ]
        return .object(load.frame.merging(figures) { $1 })
    }
}
