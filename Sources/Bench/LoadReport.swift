// SPDX-License-Identifier: Apache-2.0

import Console
import Notation

/// What a closed loop measured, for people and for programs.
struct LoadReport {
    let target: BenchTarget
    let connections: Int
    /// What was seen in the time measured.
    let tally: LoadTally
    /// All answers, including the warm-up's: each accepted event is a row in the database.
    let everything: LoadTally
    let use: ProcessorMeter.Use

    private static let shares = [0.5, 0.9, 0.99, 1]

    func lines(_ terminal: Terminal) -> [String] {
        let latencies = tally.latencies.milliseconds(Self.shares).map { BenchFigure.text($0, digits: 2) }
        var figures = TextTable(
            "REQUESTS/S", "P50 MS", "P90 MS", "P99 MS", "MAX MS", "SERVER CORES", "DATABASE CORES", "BENCH CORES")
        figures.add(
            BenchFigure.text(tally.rate, digits: 0), latencies[0], latencies[1], latencies[2], latencies[3],
            BenchFigure.text(use.server, digits: 2), BenchFigure.text(use.database, digits: 2),
            BenchFigure.text(use.own, digits: 2))
        var lines = [title(terminal)] + figures.lines(terminal) + [""] + answers(terminal)
        if tally.isUsedUp { lines.append("all requests were used up before the time was up; raise --events") }
        return lines
    }

    /// What was measured for how long.
    func title(_ terminal: Terminal) -> String {
        let seconds = BenchFigure.text(tally.elapsed / .seconds(1), digits: 1)
        return terminal.bold("\(target.base): \(connections) connections, \(seconds) s")
    }

    /// How many answers of which kind there were.
    func answers(_ terminal: Terminal) -> [String] {
        var answers = TextTable("STATUS", "OUTCOME", "ANSWERS")
        for kind in kinds {
            answers.add("\(kind.status)", String(decoding: kind.outcome, as: UTF8.self), "\(kind.count)")
        }
        if everything.failures > 0 { answers.add(BenchFigure.unknown, "no answer", "\(everything.failures)") }
        var lines = answers.lines(terminal)
        if let cause = everything.firstFailure {
            lines.append("the first without an answer: \(TerminalSafe.text(cause))")
        }
        return lines
    }

    var json: JSON {
        let latencies = tally.latencies.milliseconds(Self.shares).map { BenchFigure.json($0, digits: 3) }
        let figures: [String: JSON] = [
            "requests_per_second": BenchFigure.json(tally.rate, digits: 1),
            "p50_ms": latencies[0], "p90_ms": latencies[1], "p99_ms": latencies[2], "max_ms": latencies[3],
            "used_up": .bool(tally.isUsedUp),
        ]
        return .object(frame.merging(figures) { $1 })
    }

    /// What the figures of any closed loop come with.
    var frame: [String: JSON] {
        [
            "url": .string(target.base),
            "connections": .integer(Int64(connections)),
            "seconds": BenchFigure.json(tally.elapsed / .seconds(1), digits: 3),
            "server_cores": BenchFigure.json(use.server, digits: 3),
            "database_cores": BenchFigure.json(use.database, digits: 3),
            "bench_cores": BenchFigure.json(use.own, digits: 3),
            "answers": .array(
                kinds.map { kind in
                    [
                        "status": .integer(Int64(kind.status)),
                        "outcome": kind.outcome.isEmpty
                            ? .null : .string(String(decoding: kind.outcome, as: UTF8.self)),
                        "count": .integer(Int64(kind.count)),
                    ]
                }),
            "without_answer": .integer(Int64(everything.failures)),
        ]
    }

    private var kinds: [LoadTally.Kind] {
        everything.kinds.sorted { ($0.status, $1.count) < ($1.status, $0.count) }
    }
}
