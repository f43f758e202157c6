// SPDX-License-Identifier: Apache-2.0

import Console
import Notation

/// How fast events were accepted and processed, for people and for programs.
struct ProcessReport {
    /// How the posted events were answered; nil if nothing was posted.
    let posted: LoadTally?
    /// Events that were pending and no longer are.
    let processed: Int
    /// From the first of them to the last.
    let elapsed: Duration
    /// How they ended, if the server's own worker processed them.
    let outcomes: [(name: String, count: Int)]
    let use: ProcessorMeter.Use

    private var rate: Double? { elapsed > .zero ? Double(processed) / (elapsed / .seconds(1)) : nil }

    func lines(_ terminal: Terminal) -> [String] {
        var figures = TextTable(
            "ACCEPTED/S", "PROCESSED/S", "EVENTS", "SECONDS", "SERVER CORES", "DATABASE CORES", "BENCH CORES")
        figures.add(
            posted.map { BenchFigure.text($0.rate, digits: 0) }, BenchFigure.text(rate, digits: 0), "\(processed)",
            BenchFigure.text(elapsed / .seconds(1), digits: 1), BenchFigure.text(use.server, digits: 2),
            BenchFigure.text(use.database, digits: 2), BenchFigure.text(use.own, digits: 2))
        var lines = figures.lines(terminal)
        if !outcomes.isEmpty {
            lines += [
                "", "ended: " + outcomes.map { "\(TerminalSafe.text($0.name)) \($0.count)" }.joined(separator: "  "),
            ]
        }
        if let posted, posted.successes < posted.requests {
            lines.append("not accepted: \(posted.requests - posted.successes) of \(posted.requests)")
        }
        return lines
    }

    var json: JSON {
        [
            "accepted": posted.map { .integer(Int64($0.successes)) } ?? .null,
            "accepted_per_second": BenchFigure.json(posted?.rate, digits: 1),
            "processed": .integer(Int64(processed)),
            "processed_per_second": BenchFigure.json(rate, digits: 1),
            "seconds": BenchFigure.json(elapsed / .seconds(1), digits: 3),
            "ended": .object(Dictionary(outcomes.map { ($0.name, .integer(Int64($0.count))) }) { $1 }),
            "server_cores": BenchFigure.json(use.server, digits: 3),
            "database_cores": BenchFigure.json(use.database, digits: 3),
            "bench_cores": BenchFigure.json(use.own, digits: 3),
        ]
    }
}
