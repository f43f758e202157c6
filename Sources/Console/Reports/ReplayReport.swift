// SPDX-License-Identifier: Apache-2.0

import API

/// Replays of many events as an operator reads them.
enum ReplayReport {
    private typealias Replay = Object<ReplaysAPI.Replay>

    static func list(_ replays: [Object<ReplaysAPI.Replay>], _ terminal: Terminal) -> [String] {
        if replays.isEmpty { return ["no replays"] }
        var table = TextTable("ID", "STATUS", "EVENTS", "MATCHED", "ENDED", "FAILED", "STARTED", "BY")
        for replay in replays {
            table.add(
                replay.id, replay.status.rawValue, filter(replay), Field.text(replay.matched), "\(ended(replay))",
                Field.text(replay.ended.failed), Field.text(replay.createdAt), replay.operator
            )
        }
        return table.lines(terminal)
    }

    static func show(_ replay: Object<ReplaysAPI.Replay>, _ terminal: Terminal) -> [String] {
        var lines = [terminal.bold("\(TerminalSafe.text(replay.id))  \(replay.status.rawValue)")]
        lines += Field.lines([
            ("events", filter(replay)), ("matched", Field.text(replay.matched)),
            ("left out", Field.text(replay.skipped)), ("queued", Field.text(replay.queued)),
            ("pending", Field.text(replay.pending)), ("by", replay.operator),
            ("started", Field.text(replay.createdAt)), ("finished", Field.text(replay.finishedAt)),
        ])
        var table = TextTable("ENDED AS", "EVENTS")
        for (end, count) in ends(replay) where count > 0 { table.add(end, Field.text(count)) }
        return lines + EventReport.section("Ended", table, terminal)
    }

    /// What a dry run found.
    static func dryRun(_ preview: Object<ReplaysAPI.Preview>, _ terminal: Terminal) -> [String] {
        var lines = ["would run \(preview.count) events again"]
        if preview.skipped > 0 { lines.append("would leave out \(preview.skipped), whose payload is gone") }
        if !preview.sample.isEmpty {
            lines += ["", terminal.bold("The newest of them")] + EventReport.list(preview.sample, terminal)
        }
        return lines
    }

    /// `[#######-------]  50%  150 of 300  failed 3`
    static func progress(_ replay: Object<ReplaysAPI.Replay>) -> String {
        let (ended, matched) = (ended(replay), replay.matched)
        let share = matched > 0 ? Double(ended) / Double(matched) : 1
        return ([ProgressBar.text(share), "\(ended) of \(matched)"] + counts(replay)).joined(separator: "  ")
    }

    /// One line once it is over.
    static func summary(_ replay: Object<ReplaysAPI.Replay>) -> String {
        let id = TerminalSafe.text(replay.id)
        if replay.matched == 0 { return "\(id): no event matches" }
        let parts = ["\(id): \(replay.status.rawValue)", "\(ended(replay)) of \(replay.matched) events"]
        return (parts + counts(replay)).joined(separator: "  ")
    }

    /// A canceled replay is over once the events it had queued have ended.
    static func isOver(_ replay: Object<ReplaysAPI.Replay>) -> Bool {
        replay.finishedAt != nil || replay.status == .done
    }

    private static func ends(_ replay: Replay) -> [(word: String, count: Int64)] {
        let ended = replay.ended
        return [
            ("processed", ended.processed ?? 0), ("ignored", ended.ignored ?? 0), ("failed", ended.failed ?? 0),
            ("quarantined", ended.quarantined ?? 0),
        ]
    }

    private static func counts(_ replay: Replay) -> [String] {
        ends(replay).filter { $0.count > 0 }.map { "\($0.word) \($0.count)" }
    }

    /// Does not overflow: the server's numbers may be of any size.
    private static func ended(_ replay: Replay) -> Int64 {
        ends(replay).reduce(0) { sum, end in
            let (total, isTooLarge) = sum.addingReportingOverflow(max(0, end.count))
            return isTooLarge ? .max : total
        }
    }

    /// `failed, invoice.paid, after 2026-11-26T09:00:00Z`.
    private static func filter(_ replay: Replay) -> String {
        let filter = replay.filter
        let parts = [
            filter.status, filter.type, filter.customer, Field.text(filter.createdAfter).map { "after \($0)" },
            Field.text(filter.createdBefore).map { "before \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
