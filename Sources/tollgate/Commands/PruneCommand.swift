// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import FoundationEssentials
import Notation
import Settings
import Store

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove what is older than TOLLGATE_RETENTION, as a server does once a day.",
        discussion: """
            Needs DATABASE_URL, or the folder of a running 'tollgate dev'. Removes the payloads of processed and ignored events that are older than \
            TOLLGATE_RETENTION (default \(SettingTable.shared.retention.defaultText(SettingCircumstances()) ?? "none")), and the whole events once they are 35 days old too: until then a late copy \
            is known by its id. Never touches an event that is pending, failed or quarantined, nor ledger and timeline. \
            May be interrupted, run again, and run beside a server.
            """
    )

    private static let batchLimit = 500
    /// How often to try, ten times a second, while another process is pruning.
    private static let turns = 600

    private struct Kept: Error, CustomStringConvertible {
        let description: String
    }

    @Flag(help: "Count what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "Print the counts as JSON.")
    var json = false

    func run() async throws {
        try await ExitReport.reporting {
            let configuration = try Configuration(profile: .prune, say: ExitReport.say)
            try await Store.with(configuration, label: "prune") { store in
                if dryRun {
                    let (payloads, events) = try await store.retention.countPrunable(retention: configuration.retention)
                    show("would remove", payloads: payloads, events: events)
                } else {
                    try await prune(store, retention: configuration.retention)
                }
            }
        }
    }

    private func prune(_ store: Store, retention: Duration) async throws {
        var pruning = Pruning()
        var progress = ProgressLine()
        var waited = 0
        while !pruning.isFinished {
            if let next = try await store.retention.prune(pruning, atMost: Self.batchLimit, retention: retention) {
                (pruning, waited) = (next, 0)
                if progress.isRedrawn, !json {
                    progress.show(Self.text(payloads: pruning.payloads, events: pruning.events))
                }
            } else {
                // A server's batch takes a fraction of a second, creating a replay at most half a minute.
                waited += 1
                if waited == 20 || waited == Self.turns {
                    let holders = try await store.retention.holders().joined(separator: ", ")
                    let reason = holders.isEmpty ? "" : ": tollgate.maintenance is held by \(holders)"
                    if waited == Self.turns { throw Kept(description: "retention is kept waiting\(reason)") }
                    progress.clear()
                    ExitReport.say("waiting for another process that is pruning or creating a replay\(reason)")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        progress.clear()
        show("removed", payloads: pruning.payloads, events: pruning.events)
    }

    private func show(_ verb: String, payloads: Int, events: Int) {
        guard json else { return StandardOutput.print("\(verb) \(Self.text(payloads: payloads, events: events))") }
        let counts: JSON = [
            "dry_run": .bool(dryRun), "events": .integer(Int64(events)), "payloads": .integer(Int64(payloads)),
        ]
        StandardOutput.print(PrettyJSON.text(counts))
    }

    private static func text(payloads: Int, events: Int) -> String {
        "\(events) events, and the payloads of \(payloads) more"
    }
}
