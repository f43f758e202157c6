// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Fetching
import Notation
import Postgres
import Server
import Settings
import Store
import StripeAPI
import UnixSignals

struct StripeBackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Ask Stripe for all events of a span of time, and take in those that did not come.",
        discussion: """
            Needs \(Profile.fetch.neededNames). Every event goes the way of a webhook; one that is there already is known \
            by its id. Waits for the end, and may be interrupted: the next call goes on from there. Runs beside a server, \
            which then processes what came, or without one. Stripe keeps events for 30 days. Also asks for those of the \
            accounts in STRIPE_ACCOUNTS. Ends with 1 where Stripe was away for a minute, or an account could not be read.
            """
    )

    @Option(help: ArgumentHelp("From this time on: \(PointInTime.forms).", valueName: "time"))
    var since: PointInTime

    @Option(help: ArgumentHelp("Up to this time, rather than now.", valueName: "time"))
    var until: PointInTime?

    @Flag(help: "Count by type what did not come, and take nothing in.")
    var dryRun = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() async throws {
        try await ExitReport.reporting {
            let configuration = try Configuration(profile: .fetch, say: ExitReport.say)
            try await Store.withStripe(configuration, label: "backfill") { store, stripe in
                let work = BackfillWork(
                    store: store, run: BackfillRun(stripe, store.listings, holder: ListingSteps.newHolder()),
                    showsProgress: !json)
                try await finish(work, accounts: BackfillStore.accounts(besides: configuration.connectedAccounts))
            }
        }
    }

    private func finish(_ work: BackfillWork, accounts: [String]) async throws {
        let end: BackfillRecord?
        do {
            end = try await work.untilInterrupted {
                try await work.request(since: since.past(), until: until?.past(), isDryRun: dryRun, accounts: accounts)
            }
        } catch let error as PostgresError where error.isTransient && work.hasBegun && !dryRun {
            ExitReport.say(
                "tollgate: what came is stored; once PostgreSQL answers, the same command goes on from there")
            throw error
        }
        if since.past() < WallClock.now - .seconds(30 * 86_400) {
            ExitReport.say("tollgate: Stripe keeps events for 30 days, and lists nothing older")
        }
        guard let end else {
            ExitReport.say(
                dryRun
                    ? "tollgate: interrupted; a dry run begins anew"
                    : "tollgate: interrupted; what came is stored, and the same command goes on from there")
            throw ExitCode.failure
        }
        let document = BackfillDocument.backfill(end)
        if json {
            StandardOutput.print(PrettyJSON.text(document.json))
        } else {
            for line in BackfillReport.end(document, .standardOutput) { StandardOutput.print(line) }
        }
        if end.status == .failed {
            ExitReport.say("tollgate: once that is mended, the same command goes on from there")
        }
        if end.status != .done { throw ExitCode.failure }
    }
}
