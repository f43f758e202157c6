// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Postgres
import Settings
import Store
import StripeAPI
import StripeSetup

struct StripeDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "See whether all is right for Stripe's events to arrive, a line each with what to do.",
        discussion: """
            Looks at the key and what it may do, at the webhook endpoint (enabled, complete, its API version), at the clocks, \
            and, where DATABASE_URL is set, at what arrived and what did not. Changes nothing; a ping of an event \
            destination, where there is one, becomes an event that is ignored.

            Marks: ok; FAULT, with what to do; ? for what was not checked, with the reason. Exit code 0 if there is no \
            FAULT, else 1: the last line says how many checks were not done, and why.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Where Stripe reaches Tollgate.", discussion: "Default: whichever URL ends in \(EndpointAddress.path).",
            valueName: "url"))
    var url: String?

    @Flag(help: "Print the checks as JSON.")
    var json = false

    func validate() throws {
        if let url, EndpointAddress(url) == nil {
            throw ValidationError(EndpointAddress.complaint(about: url))
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let configuration = try Configuration(profile: .stripeAccount, say: ExitReport.say)
            let store = configuration.databaseURL.map { DiagnosisStore(DataSource($0.value)) }
            // Whatever does not answer soon is what the operator wants to hear of.
            let client = try StripeClient(required: configuration, timeLimit: .seconds(4), rule: RetryRule(attempts: 2))
            let checks = try await withResource(client) { client in
                try await withResource(store) { store in
                    var doctor = try StripeDoctor(
                        configuration, at: url.flatMap { EndpointAddress($0) }, client,
                        store.map { DiagnosedInbox($0, configuration) })
                    return await doctor.examine()
                }
            }
            if json {
                StandardOutput.print(PrettyJSON.text(DoctorReport.document(checks)))
            } else {
                for line in DoctorReport.lines(checks, .standardOutput) { StandardOutput.print(line) }
            }
            if checks.contains(where: { $0.isOK == false }) { throw ExitCode.failure }
        }
    }
}
