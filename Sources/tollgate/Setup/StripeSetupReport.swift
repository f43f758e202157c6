// SPDX-License-Identifier: Apache-2.0

import Console
import FoundationEssentials
import Notation
import Settings
import Stripe
import StripeSetup

/// What `tollgate stripe setup` says. Never a secret.
struct StripeSetupReport {
    private let wish: EndpointWish
    private let plan: EndpointPlan
    private let secretFile: String?
    private let configuration: Configuration

    init(_ wish: EndpointWish, _ plan: EndpointPlan, secretFile: String?, _ configuration: Configuration) {
        self.wish = wish
        self.plan = plan
        self.secretFile = secretFile
        self.configuration = configuration
    }

    static func warnings(_ address: EndpointAddress, isConnect: Bool, _ configuration: Configuration) -> [String] {
        var warnings: [String] = []
        if !address.isSecure {
            warnings.append(
                "\(address.text) is not https: whoever is on the way can read the events; live mode refuses it")
        }
        if address.path != EndpointAddress.path {
            warnings.append(
                "the path is \(address.path), while Tollgate takes events at \(EndpointAddress.path): does the proxy map it?"
            )
        }
        if isConnect, configuration.connectedAccounts.isEmpty {
            warnings.append(
                "events of connected accounts count for those in STRIPE_ACCOUNTS alone, which is not set here")
        }
        return warnings
    }

    /// - Parameter isSecretUnknown: whether the file holds a secret that the settings do not.
    func nothing(isSecretUnknown: Bool) -> [String] {
        let enabled = plan.present.filter(\.isEnabled)
        let first = "nothing to do: \(names(enabled)) delivers every type that Tollgate wants"
        if isSecretUnknown, let secretFile {
            return [first] + setting("if \(secretFile) holds its secret, and that was not done yet")
        }
        let reveal = "its secret was shown when it was made; Workbench → Webhooks reveals it"
        return [first, secretFile.map { "\($0): nothing was written; \(reveal)" } ?? reveal]
    }

    private func names(_ endpoints: [WebhookEndpoint]) -> String {
        endpoints.map { "\($0.id) (\(TerminalSafe.text($0.url)), \(version($0.version)))" }.joined(separator: ", ")
    }

    /// Why a failure of the request that makes the endpoint is not the end.
    var unknown: String {
        secretFile == nil
            ? "whether the endpoint was made is unknown: look at Workbench → Webhooks, where its secret can be revealed"
            : "whether the endpoint was made is unknown: run the same command again within 23 hours to get its secret"
    }

    /// - Parameter total: how many endpoints there are.
    func limit(_ total: Int) -> String? {
        total < 16
            ? nil
            : "Stripe allows 16 webhook endpoints, and there are \(total): delete one that is not needed in Workbench"
    }

    func made(_ endpoint: WebhookEndpoint, _ creation: EndpointCreation) -> String {
        let types = creation.types == ["*"] ? "all types" : "\(creation.types.count) types"
        let kind = creation.isConnect ? ", events of connected accounts" : ""
        return "\(endpoint.id) is made: \(creation.url), \(types), \(creation.version)\(kind)"
    }

    func done(_ step: EndpointStep) -> String {
        switch step {
        case .create(let creation), .prepare(let creation): return "\(creation.url) is made"
        case .setAside(let endpoint): return "\(endpoint.id) is disabled until Tollgate knows its secret"
        case .retire(let endpoint):
            return "\(endpoint.id) is disabled: \(TerminalSafe.text(endpoint.url)), \(version(endpoint.version))"
        case .mend(let endpoint, let types):
            var words = endpoint.isEnabled ? [] : ["enabled"]
            let (added, removed) = (types.subtracting(endpoint.types), endpoint.types.subtracting(types))
            if !added.isEmpty { words.append("added \(added.sorted().joined(separator: ", "))") }
            if !removed.isEmpty { words.append("removed \(removed.sorted().joined(separator: ", "))") }
            if words.isEmpty { words.append("in use") }
            let place = "\(TerminalSafe.text(endpoint.url)), \(version(endpoint.version))"
            return "\(endpoint.id) is mended (\(place)): \(TerminalSafe.text(words.joined(separator: "; ")))"
        }
    }

    /// What the operator does now, a line each.
    var next: [String] {
        var lines: [String] = []
        if plan.creation != nil || plan.isHalfOfMove {
            lines += setting("now")
        }
        if plan.isHalfOfMove {
            lines.append(
                "the old endpoint goes on delivering; once Tollgate runs with the new secret, run this command again")
        }
        if plan.endsSilence {
            lines.append("what happened while it was disabled, Stripe does not send; fetch it, from that time on, with")
            lines.append("  tollgate stripe backfill --since 72h")
        }
        if plan.steps.contains(where: { if case .retire = $0 { true } else { false } }) {
            lines.append("what Stripe was still trying to deliver there no longer comes by itself; fetch it with")
            lines.append("  tollgate stripe backfill --since 72h")
            lines.append(
                "its secret may leave \(configuration.variable(of: \.webhookSecrets)) then, and it may be deleted in Workbench → Webhooks"
            )
        }
        return lines
    }

    /// Lines for a shell, each under what it is for.
    private func setting(_ when: String) -> [String] {
        let known = configuration.webhookSecrets
        let scope = "for every Tollgate that receives, which is then restarted"
        if known.isEmpty, !wish.isConnect, !plan.isHalfOfMove {
            return [
                "\(when), \(scope), set:",
                secretFile.map { "  STRIPE_WEBHOOK_SECRET_FILE=\(ShellWord.written($0))" }
                    ?? "  STRIPE_WEBHOOK_SECRET=\(value)",
            ]
        }
        let entry = "\(label)=\(value)"
        // An empty list must not become one of the new secret alone.
        let variable = "  STRIPE_WEBHOOK_SECRET=\"${STRIPE_WEBHOOK_SECRET:?},\(entry)\""
        let add = "\(when), \(scope), add the secret to the list"
        let path = ProcessInfo.processInfo.environment["STRIPE_WEBHOOK_SECRET_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        if path == nil, !known.isEmpty { return ["\(add):", variable] }
        let name = path.map { ShellWord.quoted(AbsolutePath.of($0)) } ?? "\"${STRIPE_WEBHOOK_SECRET_FILE:?}\""
        // The list is read before the file is opened for writing, which keeps its owner and its mode.
        let file = "  list=\"$(cat \(name)),\(entry)\" && printf '%s\\n' \"$list\" > \(name)"
        if path != nil { return ["\(add) in the file of STRIPE_WEBHOOK_SECRET_FILE:", file] }
        let other = "or, where the file of STRIPE_WEBHOOK_SECRET_FILE holds it:"
        return ["\(add); where a variable holds it:", variable, other, file]
    }

    private var value: String { secretFile.map { "$(cat \(ShellWord.quoted($0)))" } ?? "<the secret above>" }

    /// One that the list does not have yet: labels are unique.
    private var label: String {
        let label = wish.label(isMove: plan.isHalfOfMove)
        let taken = Set(configuration.webhookSecrets.compactMap(\.label))
        if !taken.contains(label) { return label }
        let number = (2...taken.count + 2).first { !taken.contains("\(label)-\($0)") } ?? 2
        return "\(label)-\(number)"
    }

    private func version(_ version: String?) -> String {
        version.map(TerminalSafe.text) ?? "the account's API version"
    }
}
