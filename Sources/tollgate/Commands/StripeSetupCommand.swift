// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import EventReading
import Settings
import Stripe
import StripeAPI
import StripeSetup

struct StripeSetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Make or mend the webhook endpoint: its event types, its API version, its secret.",
        discussion: """
            Run again, it changes nothing where nothing is to be changed. Event types that are missing are added; others \
            are left alone, unless --exact is given. An endpoint at the same URL that is disabled is enabled.

            Stripe shows the secret of a new endpoint once, so one of --secret-file and --print-secret is needed where one \
            is made; without either, nothing is made. If a call with --secret-file is interrupted, run the same again: it \
            gets the same endpoint and the same secret.

            An endpoint keeps its API version. Another --api-version takes two calls: the first makes a second endpoint, \
            disabled, and says which setting takes its secret; once Tollgate runs with it, the same call enables the \
            new endpoint, and then disables the old one. It refuses while STRIPE_WEBHOOK_SECRET, as it is set here, lacks \
            the new secret; where it is not set, --secret-is-set says that Tollgate knows it. Events that both \
            deliver are stored once.

            With --connect it is about the endpoint for the events of connected accounts, and about that alone: run it \
            once without and once with --connect for both. Each has a secret of its own.
            """
    )

    @Option(
        help: ArgumentHelp("Where Stripe reaches Tollgate: https://<your host>/webhooks/stripe.", valueName: "url"))
    var url: String

    @Option(
        help: ArgumentHelp("A new file for the secret, readable by its owner alone.", valueName: "file"),
        completion: .file())
    var secretFile: String?

    @Flag(help: "Print the secret, and nothing else, to standard output; with --json, within the JSON.")
    var printSecret = false

    @Flag(help: "Tollgate runs with the new secret, where STRIPE_WEBHOOK_SECRET is not set here to show it.")
    var secretIsSet = false

    @Option(
        help: ArgumentHelp(
            "The API version that events are rendered in.",
            discussion: "Default: that of the endpoint that is there; of a new one \(StripeClient.version).",
            valueName: "version"))
    var apiVersion: String?

    @Flag(help: "The endpoint for the events of connected accounts.")
    var connect = false

    @Flag(help: "Remove event types that Tollgate does not want.")
    var exact = false

    @Flag(help: "Print the endpoints, and what was done to each, as JSON.")
    var json = false

    private var address: EndpointAddress? { EndpointAddress(url) }

    func validate() throws {
        guard address != nil else {
            throw ValidationError(EndpointAddress.complaint(about: url))
        }
        if secretFile != nil, printSecret {
            throw ValidationError("--secret-file and --print-secret: leave one of them out.")
        }
        if secretFile?.isEmpty == true { throw ValidationError("--secret-file: the name is empty.") }
        if let apiVersion, apiVersion.wholeMatch(of: /\d{4}-\d{2}-\d{2}(\.[a-z_]+)?/) == nil {
            throw ValidationError(
                "--api-version \(apiVersion): is no version of Stripe's API; write one such as \(StripeClient.version)."
            )
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            // `validate` has refused any other.
            guard let address else { return }
            let configuration = try Configuration(profile: .stripeAccount, say: ExitReport.say)
            let livemode = try configuration.required(\.apiKey).livemode
            guard address.isSecure || !livemode else {
                throw ValidationError("--url \(url): Stripe sends live events to https only.")
            }
            for warning in StripeSetupReport.warnings(address, isConnect: connect, configuration) {
                ExitReport.say("tollgate: \(warning)")
            }
            let wish = EndpointWish(
                address: address, types: Interpretation.types, version: apiVersion,
                standardVersion: StripeClient.version, isConnect: connect, isExact: exact)
            do {
                try await withResource(try StripeClient(required: configuration)) { client in
                    var setup = EndpointSetup(
                        wish, WebhookEndpoints(client), secretFile: secretFile.map(AbsolutePath.of),
                        printsSecret: printSecret, isSecretSet: secretIsSet, printsJSON: json, configuration)
                    try await setup.run()
                }
            } catch let failure as EndpointSetup.Failure {
                throw Self.told(failure.cause, [failure.advice] + Self.advice(failure.cause, configuration))
            } catch let error as StripeAPIError {
                throw Self.told(error, Self.advice(error, configuration))
            }
        }
    }

    private static func told(_ error: any Error, _ advice: [String]) -> ExitCode {
        for line in ["\(error)"] + advice { ExitReport.say("tollgate: \(line)") }
        return .failure
    }

    private static func advice(_ error: any Error, _ configuration: Configuration) -> [String] {
        switch error as? StripeAPIError {
        case nil: return []
        case .limited?: return ["try again in a minute"]
        case let error?:
            var advice: [String] = []
            if configuration.apiAddress != .standard {
                advice.append("STRIPE_API_BASE is set: \(configuration.apiAddress.base) was asked, not Stripe")
            }
            if case .notPermitted = error {
                advice.append("make a key that may do what Tollgate needs: \(StripePermission.link)")
            }
            return advice
        }
    }
}
