// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is wrong with the webhook endpoints that lead to Tollgate.
package struct EndpointDiagnosis: Sendable {
    private let place: EndpointAddress?
    private let wanted: Set<String>
    private let version: String
    private let needsConnect: Bool
    /// Those of the account itself, and those of connected accounts.
    private let own: [WebhookEndpoint]
    private let connect: [WebhookEndpoint]
    private let elsewhere: [WebhookEndpoint]

    /// - Parameters:
    ///   - endpoints: all of the account.
    ///   - address: nil for those whose path is Tollgate's.
    ///   - version: the newest API version that is read.
    ///   - needsConnect: whether events of connected accounts count.
    package init(
        _ endpoints: [WebhookEndpoint], at address: EndpointAddress?, wanting wanted: Set<String>, version: String,
        needsConnect: Bool
    ) {
        let found = endpoints.filter { endpoint in
            guard let own = EndpointAddress(endpoint.url) else { return false }
            return address.map { $0.place == own.place } ?? (own.path == EndpointAddress.path)
        }
        place = address
        self.wanted = wanted
        self.version = version
        self.needsConnect = needsConnect
        own = found.filter { !$0.isConnect }
        connect = found.filter(\.isConnect)
        elsewhere = endpoints.filter { !found.contains($0) }
    }

    package var checks: [DoctorCheck] { [endpoint, enabled, events, rendered, move, connected] }

    /// When the first of those was made that deliver; in seconds since 1970.
    package var created: Int64? { (own + connect).filter(\.isEnabled).map(\.created).min() }

    private var url: String {
        let settled = own.first { !$0.isPrepared } ?? own.first
        return place?.text ?? settled?.url ?? "https://<your host>\(EndpointAddress.path)"
    }
    private var setup: String { "run \(call)" }
    private var call: String { "tollgate stripe setup --url \(ShellWord.quoted(url))" }

    private var endpoint: DoctorCheck {
        guard !own.isEmpty else {
            let looked = place.map { "at \($0.text)" } ?? "whose path is \(EndpointAddress.path)"
            let others = elsewhere.prefix(3).map { "\($0.id) is at \(EndpointAddress.withoutUser($0.url))" }.joined(
                separator: ", ")
            let detail = "there is none \(looked)\(others.isEmpty ? "" : "; \(others)")"
            return .fault(.endpoint, detail, advice: "\(setup) --secret-file FILE")
        }
        let places = Set(own.compactMap { EndpointAddress($0.url)?.place })
        return .good(
            .endpoint, own.map { "\($0.id) \($0.url)" }.joined(separator: ", "),
            advice: places.count > 1 ? "these are of several receivers: give --url to look at one" : nil)
    }

    private var delivering: [WebhookEndpoint] { own.filter(\.isEnabled) }

    private var enabled: DoctorCheck {
        if own.isEmpty { return .unchecked(.endpointEnabled, "there is no endpoint") }
        let disabled = own.filter { !$0.isEnabled }.map(\.id).joined(separator: ", ")
        if delivering.isEmpty {
            return .fault(
                .endpointEnabled, "disabled: \(disabled); what happens meanwhile Stripe never sends",
                advice: "\(setup), then fetch what was not sent: tollgate stripe backfill --since TIME")
        }
        let rest = disabled.isEmpty ? "" : "; \(disabled) is disabled"
        return .good(.endpointEnabled, "\(delivering.map(\.id).joined(separator: ", "))\(rest)")
    }

    private var events: DoctorCheck {
        if delivering.isEmpty { return .unchecked(.endpointEvents, "no endpoint is enabled") }
        let faults = delivering.compactMap(lack)
        return faults.isEmpty
            ? .good(.endpointEvents, "all \(wanted.count) types")
            : .fault(.endpointEvents, faults.joined(separator: "; "), advice: setup)
    }

    /// `we_1 lacks a, b`
    private func lack(_ endpoint: WebhookEndpoint) -> String? {
        let missing = wanted.filter { !endpoint.delivers($0) }.sorted()
        return missing.isEmpty ? nil : "\(endpoint.id) lacks \(missing.joined(separator: ", "))"
    }

    private var rendered: DoctorCheck {
        if delivering.isEmpty { return .unchecked(.endpointVersion, "no endpoint is enabled") }
        let detail = delivering.map { "\($0.id): \($0.version ?? "the account's own")" }.joined(separator: ", ")
        if delivering.contains(where: { $0.version == nil }) {
            return .good(
                .endpointVersion, detail,
                advice:
                    "it changes with the account's: pin it with \(setup) --api-version \(version) --secret-file FILE")
        }
        let isNewer = delivering.contains { ($0.version?.prefix(10)).map { $0 > version.prefix(10) } ?? false }
        return .good(
            .endpointVersion, detail,
            advice: isNewer ? "newer than \(version), which this Tollgate was made for: look at failed events" : nil)
    }

    /// A move to another API version takes two calls of setup.
    private var move: DoctorCheck {
        guard let new = (own + connect).first(where: { $0.isPrepared }) else {
            return .good(.endpointMove, "none has begun")
        }
        let version = new.version ?? version
        let option = new.isConnect ? " --connect" : ""
        return .good(
            .endpointMove, "half done: \(new.id) (\(version)) has not taken the place of the old endpoint yet",
            advice: "once Tollgate runs with the secret of \(new.id): \(call)\(option) --api-version "
                + "\(ShellWord.written(version)) --secret-file FILE, with the same file")
    }

    /// Each endpoint signs with a secret of its own, which cannot be read back.
    /// - Parameter labels: of the secrets that are set; nil for one without.
    package func secrets(_ labels: [String?]) -> DoctorCheck {
        if labels.isEmpty {
            return .unchecked(
                .secrets, "STRIPE_WEBHOOK_SECRET is not set here", advice: "set it where Tollgate receives")
        }
        let names = labels.enumerated().map { $1 ?? "#\($0 + 1)" }.joined(separator: ", ")
        let detail = "\(labels.count) here: \(names)"
        let enabled = (own + connect).filter(\.isEnabled)
        let isOfOne = Set(enabled.compactMap { EndpointAddress($0.url)?.place }).count == 1
        if isOfOne, enabled.count > labels.count {
            return .fault(
                .secrets, "\(detail), while \(enabled.count) endpoints deliver, each with its own",
                advice: "add the other to STRIPE_WEBHOOK_SECRET; Workbench → Webhooks reveals it")
        }
        return .good(.secrets, "\(detail); whether they are the endpoint's, only an event shows: see deliveries")
    }

    private var connected: DoctorCheck {
        let enabled = connect.filter(\.isEnabled)
        guard needsConnect else {
            return .good(
                .endpointConnect, "not needed: STRIPE_ACCOUNTS is not set",
                advice: enabled.first.map { "what \($0.id) delivers counts for accounts in STRIPE_ACCOUNTS alone" })
        }
        guard !enabled.isEmpty else {
            return .fault(
                .endpointConnect,
                connect.isEmpty ? "there is none, but STRIPE_ACCOUNTS is set" : "disabled: \(connect[0].id)",
                advice: "\(setup) --connect --secret-file FILE")
        }
        let faults = enabled.compactMap(lack)
        return faults.isEmpty
            ? .good(.endpointConnect, enabled.map(\.id).joined(separator: ", "))
            : .fault(.endpointConnect, faults.joined(separator: "; "), advice: "\(setup) --connect")
    }
}
