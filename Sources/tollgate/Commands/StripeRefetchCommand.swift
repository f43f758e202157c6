// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Fetching
import Notation
import Settings
import Store
import Stripe
import StripeAPI

struct StripeRefetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refetch",
        abstract: "Ask Stripe for a customer's state, and take in what no event told.",
        discussion: """
            Needs \(Profile.fetch.neededNames). Reads the customer's subscriptions, invoices, payments, refunds and disputes \
            from Stripe's API, and puts each state that is new into the inbox, where the same rules read it: once, however \
            often it is asked for. Runs beside a server, which then processes it. Ends with 1 where something could not be read.
            """
    )

    @Option(help: ArgumentHelp("The customer's id.", valueName: "cus_…"))
    var customer: String

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        // Not even in the answer: it is in the shell's history already.
        if (try? APIKey(customer)) != nil || customer.hasPrefix("whsec_") {
            throw ValidationError(
                "That is a secret of Stripe's, not a customer's id; roll it if others may have seen it.")
        }
        if let kind = ObjectKind(id: customer), kind != .customer {
            throw ValidationError("\"\(customer)\" is no customer's id; those begin with \"cus_\".")
        }
        try CustomerID.check(customer)
    }

    func run() async throws {
        try await ExitReport.reporting {
            let configuration = try Configuration(profile: .fetch, say: ExitReport.say)
            try await Store.withStripe(configuration, label: "refetch") { store, stripe in
                let run = RefetchRun(
                    stripe, livemode: configuration.mode == .live, accounts: configuration.connectedAccounts,
                    now: { WallClock.now })
                try await refetch(store, run)
            }
        }
    }

    private func refetch(_ store: Store, _ run: RefetchRun) async throws {
        let task = try await store.refetches.take(customer, operator: "command line")
        do {
            let (found, stored, omissions) = try await run.carryOut(task, store.fetches)
            if json {
                let document: JSON = [
                    "customer": .string(customer), "found": .integer(Int64(found)), "stored": .integer(Int64(stored)),
                    "omissions": omissions.isEmpty ? .null : .string(omissions.joined(separator: "; ")),
                ]
                StandardOutput.print(PrettyJSON.text(document))
            } else {
                StandardOutput.print("\(customer): \(found) found, \(stored) new")
            }
            for omission in omissions { ExitReport.say("tollgate: \(TerminalSafe.text(omission))") }
            if !omissions.isEmpty { throw ExitCode.failure }
        } catch let error as StripeAPIError {
            // A server may go on with it.
            try await store.fetches.postpone(
                task, "\(error)", for: error.isTransient ? .seconds(60) : nil, refusals: task.refusals)
            throw error
        }
    }
}
