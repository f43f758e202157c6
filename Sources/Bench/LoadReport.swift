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
        let latencies = tally.milliseconds(Self.shares).map { BenchFigure.text($0, digits: 2) }
        let seconds = BenchFigure.text(tally.elapsed / .seconds(1), digits: 1)
        var figures = TextTable(
            "REQUESTS/S", "P50 MS", "P90 MS", "P99 MS", "MAX MS", "SERVER CORES", "DATABASE CORES", "BENCH CORES")
        figures.add(
            BenchFigure.text(tally.rate, digits: 0), latencies[0], latencies[1], latencies[2], latencies[3],
            BenchFigure.text(use.server, digits: 2), BenchFigure.text(use.database, digits: 2),
            BenchFigure.text(use.own, digits: 2))
        var answers = TextTable("STATUS", "OUTCOME", "ANSWERS")
        for kind in kinds {
            answers.add("\(kind.status)", String(decoding: kind.outcome, as: UTF8.self), "\(kind.count)")
        }
        if everything.failures > 0 { answers.add(BenchFigure.unknown, "no answer", "\(everything.failures)") }
        var lines = [terminal.bold("\(target.base): \(connections) connections, \(seconds) s")]
        lines += figures.lines(terminal) + [""] + answers.lines(terminal)
        if let cause = everything.firstFailure {
            lines.append("the first without an answer: \(TerminalSafe.text(cause))")
        }
        if tally.isUsedUp { lines.append("all requests were used up before the time was up; raise --events") }
        return lines
    }

    var json: JSON {
        let latencies = tally.milliseconds(Self.shares).map { BenchFigure.json($0, digits: 3) }
        return [
            "url": .string(target.base),
            "connections": .integer(Int64(connections)),
            "seconds": BenchFigure.json(tally.elapsed / .seconds(1), digits: 3),
            "requests_per_second": BenchFigure.json(tally.rate, digits: 1),
            "p50_ms": latencies[0], "p90_ms": latencies[1], "p99_ms": latencies[2], "max_ms": latencies[3],
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
            "used_up": .bool(tally.isUsedUp),
        ]
    }

    private var kinds: [LoadTally.Kind] {
        everything.kinds.sorted { ($0.status, $1.count) < ($1.status, $0.count) }
    }
}
