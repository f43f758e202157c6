// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// Replays of many events as an operator reads them.
enum ReplayReport {
    private static let ends = ["processed", "ignored", "failed", "quarantined"]

    static func list(_ answer: JSON, _ terminal: Terminal) -> [String] {
        let replays = answer["data"]?.array ?? []
        if replays.isEmpty { return ["no replays"] }
        var table = TextTable("ID", "STATUS", "EVENTS", "MATCHED", "ENDED", "FAILED", "STARTED", "BY")
        for replay in replays {
            table.add(
                Field.text(replay["id"]), Field.text(replay["status"]), filter(replay),
                Field.text(replay["matched"]), "\(ended(replay))", Field.text(replay.at("ended.failed")),
                Field.text(replay["created_at"]), Field.text(replay["operator"])
            )
        }
        return table.lines(terminal)
    }

    static func show(_ replay: JSON, _ terminal: Terminal) -> [String] {
        let names = ["id", "status"].compactMap { Field.text(replay[$0]).map(TerminalSafe.text) }
        var lines = [terminal.bold(names.joined(separator: "  "))]
        lines += Field.lines(
            .object((replay.object ?? [:]).merging(["events": .string(filter(replay))]) { $1 }),
            [
                ("events", "events"), ("matched", "matched"), ("left out", "skipped"),
                ("queued", "queued"), ("pending", "pending"), ("by", "operator"), ("started", "created_at"),
                ("finished", "finished_at"),
            ]
        )
        var table = TextTable("ENDED AS", "EVENTS")
        for end in ends where (replay.at("ended.\(end)")?.integer ?? 0) > 0 {
            table.add(end, Field.text(replay.at("ended.\(end)")))
        }
        return lines + EventReport.section("Ended", table, terminal)
    }

    /// What a dry run found.
    static func dryRun(_ answer: JSON, _ terminal: Terminal) -> [String] {
        var lines = ["would run \(Field.text(answer["count"]) ?? "0") events again"]
        if let skipped = answer["skipped"]?.integer, skipped > 0 {
            lines.append("would leave out \(skipped), whose payload is gone")
        }
        let sample = answer["sample"]?.array ?? []
        if !sample.isEmpty {
            lines += ["", terminal.bold("The newest of them")] + EventReport.list(["data": .array(sample)], terminal)
        }
        return lines
    }

    /// `[#######-------]  50%  150 of 300  failed 3`: how far it is.
    static func progress(_ replay: JSON) -> String {
        let (ended, matched) = (ended(replay), replay["matched"]?.integer ?? 0)
        let share = matched > 0 ? Double(ended) / Double(matched) : 1
        return ([ProgressBar.text(share), "\(ended) of \(matched)"] + counts(replay)).joined(separator: "  ")
    }

    /// One sentence at the end of it.
    static func summary(_ replay: JSON) -> String {
        let id = TerminalSafe.text(Field.text(replay["id"]) ?? "")
        let (ended, matched) = (ended(replay), replay["matched"]?.integer ?? 0)
        if matched == 0 { return "\(id): no event matches" }
        let status = TerminalSafe.text(Field.text(replay["status"]) ?? "")
        return (["\(id): \(status)", "\(ended) of \(matched) events"] + counts(replay)).joined(separator: "  ")
    }

    /// A canceled one has its end when what it had queued has.
    static func isOver(_ replay: JSON) -> Bool { replay["finished_at"] != nil || replay["status"] == "done" }

    private static func counts(_ replay: JSON) -> [String] {
        ends.compactMap { end in
            replay.at("ended.\(end)")?.integer.flatMap { $0 > 0 ? "\(end) \($0)" : nil }
        }
    }

    /// At most the largest number: the server's may be any.
    private static func ended(_ replay: JSON) -> Int64 {
        ends.reduce(0) { sum, end in
            let (total, isTooLarge) = sum.addingReportingOverflow(max(0, replay.at("ended.\(end)")?.integer ?? 0))
            return isTooLarge ? .max : total
        }
    }

    /// `failed, invoice.paid, after 2026-11-26T09:00:00Z`.
    private static func filter(_ replay: JSON) -> String {
        let parts = [
            ("status", ""), ("type", ""), ("customer", ""), ("created_after", "after "), ("created_before", "before "),
        ]
        return parts.compactMap { key, word in Field.text(replay["filter"]?[key]).map { word + $0 } }
            .joined(separator: ", ")
    }
}
