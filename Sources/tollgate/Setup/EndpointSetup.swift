// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import FoundationEssentials
import Notation
import Settings
import StripeAPI
import StripeSetup

/// One call of `tollgate stripe setup`: reads, plans, then does one step after the other, and says each.
struct EndpointSetup {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Why an endpoint could not be made, with what to do.
    struct Failure: Error {
        let cause: any Error
        let advice: String
    }

    /// Stripe remembers an idempotency key for at least 24 hours.
    private static let memory: Int64 = 23 * 3600

    private let wish: EndpointWish
    private let endpoints: WebhookEndpoints
    private let secretFile: String?
    private let printsSecret: Bool
    private let isSecretSet: Bool
    private let printsJSON: Bool
    private let configuration: Configuration
    private var document = StripeSetupDocument()

    /// - Parameters:
    ///   - isSecretSet: whether the operator says that Tollgate knows the new secret.
    ///   - printsJSON: whether standard output is for programs.
    init(
        _ wish: EndpointWish, _ endpoints: WebhookEndpoints, secretFile: String?, printsSecret: Bool,
        isSecretSet: Bool, printsJSON: Bool, _ configuration: Configuration
    ) {
        self.wish = wish
        self.endpoints = endpoints
        self.secretFile = secretFile
        self.printsSecret = printsSecret
        self.isSecretSet = isSecretSet
        self.printsJSON = printsJSON
        self.configuration = configuration
    }

    mutating func run() async throws {
        let next: [String]
        do {
            next = try await carryOut()
        } catch {
            // What was done before that is done.
            if document.hasChanges { printDocument() }
            throw unshown.map { Failure(cause: error, advice: "\($0.cause): \($0.advice)") } ?? error
        }
        printDocument()
        if let unshown { throw unshown }
        for line in next { say(line) }
    }

    private func printDocument() {
        guard printsJSON else { return }
        let path = secretFile.flatMap { SecretFile.contents(of: $0) == nil ? nil : $0 }
        StandardOutput.print(PrettyJSON.text(document.json(secretFile: path)))
    }

    /// Where the secret was to be printed, and was not: nobody has it.
    private var unshown: Failure? {
        guard let (id, _) = document.shown, let fault = StandardOutput.fault else { return nil }
        return Failure(
            cause: Refusal(description: "the secret of \(id) was not shown: \(fault)"),
            advice: "reveal it in Workbench → Webhooks, or delete \(id) there and run this again")
    }

    /// - Returns: what to say at the end.
    private mutating func carryOut() async throws -> [String] {
        let (present, date) = try await endpoints.list()
        let plan = try plan(present, now: date?.seconds ?? Int64(Date().timeIntervalSince1970))
        let report = StripeSetupReport(wish, plan, secretFile: secretFile, configuration)
        document.present = plan.present
        guard !plan.steps.isEmpty else { return report.nothing(isSecretUnknown: isSecretUnknown) }
        try checkSecretIsKnown(plan, among: present)
        if let creation = plan.creation {
            try await make(creation, plan, report, among: present.count)
        } else {
            for step in plan.steps { try await change(step, report) }
        }
        return report.next
    }

    private func plan(_ present: [WebhookEndpoint], now: Int64) throws -> EndpointPlan {
        let plan = EndpointPlan(present, wish)
        let state = try secretFile.map(SecretFile.state(of:)) ?? .absent
        if let creation = plan.creation {
            guard secretFile != nil || printsSecret else {
                throw ValidationError(
                    """
                    \(creation.url) must be made, and Stripe shows its secret once: give --secret-file FILE or \
                    --print-secret. Nothing was made.
                    """)
            }
            return plan
        }
        // A call that was interrupted may have made the endpoint, and not have kept its secret.
        guard state == .empty, let secretFile else { return plan }
        if let again = EndpointPlan.repeating(present, wish, since: now - Self.memory) { return again }
        throw Self.lost(secretFile, plan.present.last?.id ?? "the endpoint")
    }

    private static func lost(_ secretFile: String, _ id: String) -> Refusal {
        Refusal(
            description: """
                \(secretFile) is empty, and Stripe does not show the secret of \(id) again: reveal it in Workbench → \
                Webhooks and put it there, or delete the endpoint there and run this again
                """)
    }

    /// Once the old endpoint is disabled, all that comes is signed with the new one's secret.
    private func checkSecretIsKnown(_ plan: EndpointPlan, among present: [WebhookEndpoint]) throws {
        guard let new = plan.successor else { return }
        let known = configuration.webhookSecrets
        let doubt: String
        if known.isEmpty {
            if isSecretSet { return }
            doubt = """
                STRIPE_WEBHOOK_SECRET is not set here, so whether Tollgate knows the secret of \(new.id) cannot be seen: \
                run this with Tollgate's settings, or, once Tollgate runs with that secret, with --secret-is-set
                """
        } else if let secretFile, isSecretUnknown {
            doubt = """
                \(configuration.variable(of: \.webhookSecrets)) does not hold the secret in \(secretFile): add it, restart \
                Tollgate, and run this again
                """
        } else {
            // Also with a file, which may hold the old one's secret.
            let delivering = present.filter { endpoint in
                let isHere = EndpointAddress(endpoint.url)?.place == wish.address.place
                return isHere && (endpoint.isEnabled || endpoint.id == new.id)
            }
            let isLabelled = known.contains { $0.label == wish.label(isMove: true) }
            guard known.count < delivering.count, !isLabelled else { return }
            doubt = """
                \(delivering.count) endpoints would deliver, each with a secret of its own, and \
                \(configuration.variable(of: \.webhookSecrets)) holds \(known.count): add that of \(new.id), restart \
                Tollgate, and run this again
                """
        }
        throw Refusal(description: "\(doubt). Nothing was changed")
    }

    /// Whether the file holds a secret that the settings do not, as far as they are known here.
    private var isSecretUnknown: Bool {
        guard let contents = secretFile.flatMap(SecretFile.contents) else { return false }
        // It may be the list itself.
        return contents.split(separator: ",").contains { entry in
            let value = entry.split(separator: "=", maxSplits: 1).last ?? entry
            return !configuration.webhookSecrets.contains { $0.isValue(String(value)) }
        }
    }

    // MARK: Steps

    private mutating func make(
        _ creation: EndpointCreation, _ plan: EndpointPlan, _ report: StripeSetupReport, among total: Int
    ) async throws {
        let file = try secretFile.map(SecretFile.init(reserving:))
        let made: WebhookEndpoint
        do {
            guard let (endpoint, secret) = try await endpoints.create(creation, again: plan.earlier) else {
                throw Self.lost(secretFile ?? "", plan.earlier?.id ?? "the endpoint")
            }
            document.made(endpoint, secret: printsSecret ? secret : nil)
            try file?.write(secret)
            if printsSecret, !printsJSON { StandardOutput.print(secret.reveal()) }
            made = endpoint
        } catch let error as StripeAPIError where Self.isDefinite(error) {
            if let earlier = plan.earlier, let secretFile, case .refused = error {
                throw Self.lost(secretFile, earlier.id)
            }
            file?.discard()
            if case .refused = error, let hint = report.limit(total) { throw Failure(cause: error, advice: hint) }
            throw error
        } catch let error where !(error is Refusal) {
            throw Failure(cause: error, advice: report.unknown)
        }
        say(report.made(made, creation))
        if let file { say("its secret is in \(file.path)") }
        if creation.isPrepared {
            try await endpoints.update(made.id, isEnabled: false)
            document.disabled(made)
            say("\(made.id) is disabled until Tollgate knows its secret")
        }
    }

    /// Whether nothing was made.
    private static func isDefinite(_ error: StripeAPIError) -> Bool {
        switch error {
        case .keyRefused, .accountRefused, .notPermitted, .notFound, .refused: true
        case .limited, .unavailable, .unreadable, .tooLarge: false
        }
    }

    private mutating func change(_ step: EndpointStep, _ report: StripeSetupReport) async throws {
        switch step {
        case .create, .prepare: break
        case .setAside(let endpoint), .retire(let endpoint):
            try await endpoints.update(endpoint.id, isEnabled: false)
            document.disabled(endpoint)
        case .mend(let endpoint, let types):
            try await endpoints.update(endpoint.id, types: types == endpoint.types ? nil : types, isEnabled: true)
            document.mended(endpoint, types: types)
        }
        say(report.done(step))
    }

    /// With `--print-secret`, standard output is the secret's alone, and with `--json` the document's.
    private func say(_ line: String) {
        if printsSecret || printsJSON { ExitReport.say(line) } else { StandardOutput.print(line) }
    }
}
