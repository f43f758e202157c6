// SPDX-License-Identifier: Apache-2.0

import Console
import EventReading
import Notation
import Settings
import Stripe
import StripeAPI
import StripeSetup

/// Looks at everything that must be right for Stripe's events to arrive and count. Reads only; a ping changes nothing.
struct StripeDoctor {
    private static let ofEndpoints: [DoctorCheck.Name] = [
        .endpoint, .endpointEnabled, .endpointEvents, .endpointVersion, .endpointMove, .endpointConnect, .secrets,
    ]

    private static let accountLimit = 30

    private let configuration: Configuration
    private let key: APIKey
    private let address: EndpointAddress?
    private let inbox: DiagnosedInbox?
    private var stripe: StripeTrial
    private var checks: [DoctorCheck] = []

    /// - Parameters:
    ///   - address: nil for the endpoints whose path is Tollgate's.
    ///   - inbox: nil without a database.
    init(
        _ configuration: Configuration, at address: EndpointAddress?, _ client: StripeClient, _ inbox: DiagnosedInbox?
    ) throws(ConfigurationError) {
        self.configuration = configuration
        key = try configuration.required(\.apiKey)
        self.address = address
        self.inbox = inbox
        stripe = StripeTrial(client)
    }

    /// - Returns: in the order in which they build on each other.
    mutating func examine() async -> [DoctorCheck] {
        let endpoints = await stripe.endpoints()
        for permission in StripePermission.all { await look(at: permission, endpoints) }
        await lookAtAccounts()
        let made = judge(endpoints)
        checks.append(stripe.clock.map(ClockDiagnosis.stripe) ?? .unchecked(.clock, "Stripe did not say its time"))
        await look(at: inbox, made: made)
        // Only now is it known whether every request was served.
        return access + checks
    }

    private mutating func look(at inbox: DiagnosedInbox?, made: Timestamp?) async {
        guard let inbox else {
            let names: [DoctorCheck.Name] = [.database, .databaseClock, .deliveries, .missed, .ping]
            checks += names.map { .unchecked($0, "DATABASE_URL is not set") }
            return
        }
        let (isThere, ofDatabase) = await inbox.lookAtDatabase(stripe: stripe.clock)
        checks += ofDatabase
        guard isThere else { return }
        await lookAtDeliveries(inbox, made: made)
        checks.append(await inbox.lookAtMissed(now: WallClock.now))
        await ping(inbox)
    }

    // MARK: The key

    private var access: [DoctorCheck] {
        let (mode, other) = (configuration.mode.rawValue, key.livemode ? "live" : "test")
        return [reach, taken, .good(.mode, "the key is of \(other) mode, and STRIPE_MODE is \(mode)")]
    }

    private var base: String { configuration.apiAddress.base }
    private var isElsewhere: Bool { configuration.apiAddress != .standard }

    private var reach: DoctorCheck {
        let place = isElsewhere ? "\(base) (STRIPE_API_BASE)" : base
        switch stripe.end {
        case .keyRefused?, nil: return .good(.stripe, place)
        case .limited?:
            return .fault(.stripe, "\(place) takes no more requests now", advice: "try again in a minute")
        case let error? where error.isTransient:
            let setting = isElsewhere ? "STRIPE_API_BASE is right, and " : ""
            return .fault(
                .stripe, "\(place): \(error)",
                advice: "see whether \(setting)this machine may reach \(base), and try again")
        case let error?:
            let answer = error == .notFound ? "it answers 404, as if there were no such path" : "\(error)"
            return .fault(
                .stripe, "what is at \(place) does not answer as Stripe does: \(answer)",
                advice: isElsewhere ? "see STRIPE_API_BASE; without it, Stripe is asked" : Self.proxied)
        }
    }

    private static let proxied = "see whether a proxy answers in Stripe's place; STRIPE_API_BASE says what is asked"

    /// Stripe answers what it does not answer.
    private func strange(_ name: DoctorCheck.Name, _ error: StripeAPIError) -> DoctorCheck {
        .fault(name, "\(error)", advice: "\(Self.proxied) (\(base)); if it is Stripe, try again")
    }

    private var taken: DoctorCheck {
        if stripe.end == .keyRefused {
            return .fault(
                .key, "Stripe refuses it: it was revoked, has expired, or is mistyped", advice: "make one: \(Self.link)"
            )
        }
        guard stripe.isTaken else { return .unchecked(.key, "no request was served") }
        return .good(
            .key, "Stripe takes it",
            advice: key.isRestricted
                ? nil : "it may do everything; a restricted key may only what Tollgate needs: \(Self.link)")
    }

    private static let link = StripePermission.link

    /// Why Stripe is asked nothing more.
    private var silence: String {
        switch stripe.end {
        case .keyRefused?: "Stripe refuses the key"
        case .limited?: "Stripe takes no more requests now"
        case let error? where !error.isTransient: "what answers is not Stripe"
        default: "Stripe does not answer"
        }
    }

    private mutating func look(
        at permission: StripePermission, _ endpoints: StripeTrial.Outcome<[WebhookEndpoint]>
    ) async {
        let name = DoctorCheck.Name.permission(permission)
        if permission.name == "webhook_endpoints" {
            checks.append(judge(name, permission, endpoints))
        } else {
            let outcome = await stripe.list(permission.request)
            checks.append(judge(name, permission, outcome))
        }
    }

    private func judge<Value>(
        _ name: DoctorCheck.Name, _ permission: StripePermission, _ outcome: StripeTrial.Outcome<Value>
    ) -> DoctorCheck {
        switch outcome {
        case .answered: return .good(name, permission.shown)
        case .refused(.notPermitted(let lacking)):
            return .fault(
                name, "the key lacks \(lacking ?? permission.permission)",
                advice: "edit the key in the dashboard, or make one with all it needs: \(Self.link)")
        case .refused(let error): return strange(name, error)
        case .away: return .unchecked(name, silence)
        }
    }

    /// Each may withdraw its access at any time.
    private mutating func lookAtAccounts() async {
        let accounts = configuration.connectedAccounts.sorted()
        if accounts.isEmpty { return checks.append(.good(.accounts, "not needed: STRIPE_ACCOUNTS is not set")) }
        var refused: [String] = []
        // A second for ten.
        for account in accounts.prefix(Self.accountLimit) {
            var request = StripeRequest.get("/v1/events", ["limit": "1"])
            request.account = account
            switch await stripe.list(request) {
            case .answered: break
            case .refused(let error): refused.append("\(account) (\(error))")
            case .away: return checks.append(.unchecked(.accounts, silence))
            }
        }
        let rest =
            accounts.count > Self.accountLimit
            ? "the first \(Self.accountLimit) of \(accounts.count)" : "all \(accounts.count)"
        checks.append(
            refused.isEmpty
                ? .good(.accounts, "the key may read the events of \(rest)")
                : .fault(
                    .accounts, "not read: \(refused.joined(separator: "; "))",
                    advice: "let them connect again, or take them out of STRIPE_ACCOUNTS"))
    }

    // MARK: Endpoints

    /// - Returns: since when one delivers; nil if that is unknown.
    private mutating func judge(_ outcome: StripeTrial.Outcome<[WebhookEndpoint]>) -> Timestamp? {
        guard case .answered(let endpoints) = outcome else {
            let reason = stripe.end == nil ? "the endpoints could not be read" : silence
            checks += Self.ofEndpoints.map { .unchecked($0, reason) }
            return nil
        }
        let diagnosis = EndpointDiagnosis(
            endpoints, at: address, wanting: Interpretation.types, version: StripeClient.version,
            needsConnect: !configuration.connectedAccounts.isEmpty)
        checks += diagnosis.checks + [diagnosis.secrets(configuration.webhookSecrets.map(\.label))]
        return diagnosis.created.map { Timestamp(seconds: $0) }
    }

    // MARK: What arrives

    private mutating func lookAtDeliveries(_ inbox: DiagnosedInbox, made: Timestamp?) async {
        let now = WallClock.now
        switch await inbox.newestDelivery() {
        case .failure(let reason): checks.append(.unchecked(.deliveries, reason.description))
        case .success(let newest):
            let start = DeliveryDiagnosis.start(made: made, now: now)
            // Those that may still be on their way would fill the page.
            let end = now - DeliveryDiagnosis.grace
            let request = StripeRequest.get(
                "/v1/events",
                ["limit": "100", "created[gt]": "\(start.seconds)", "created[lte]": "\(end.seconds)"])
            switch await stripe.list(request) {
            case .answered(let members):
                let listed = members.compactMap(DeliveryDiagnosis.Listed.init)
                guard listed.count == members.count else {
                    return checks.append(strange(.deliveries, .unreadable("a list of events has other things")))
                }
                switch await inbox.delivered(listed.map(\.id)) {
                case .failure(let reason): checks.append(.unchecked(.deliveries, reason.description))
                case .success(let arrived):
                    checks.append(
                        DeliveryDiagnosis.judge(
                            newest: newest, made: made, listed: listed, arrived: arrived, now: now,
                            isWanted: Interpretation.types.contains))
                }
            case .refused(.notPermitted):
                checks.append(.unchecked(.deliveries, "the key may not read what Stripe has"))
            case .refused(let error): checks.append(strange(.deliveries, error))
            case .away: checks.append(.unchecked(.deliveries, silence))
            }
        }
    }

    /// Destinations of the API's second version can be asked to send something: the way of an event, seen from end to end.
    private mutating func ping(_ inbox: DiagnosedInbox) async {
        let list = StripeRequest.get(
            "/v2/core/event_destinations", ["include": "webhook_endpoint.url", "limit": "100"])
        switch await stripe.list(list) {
        case .answered(let members):
            let destinations = members.compactMap { EventDestination($0) }
            guard let destination = destinations.first(where: { $0.leads(to: address) }) else {
                checks.append(.good(.ping, "not needed: there is no event destination that can be pinged"))
                return
            }
            await ping(destination, inbox)
        case .refused(.notPermitted(let lacking)):
            checks.append(
                .unchecked(.ping, "the key may not list event destinations", advice: lacking.map { "it takes \($0)" }))
        case .refused(.unreadable(let reason)): checks.append(strange(.ping, .unreadable(reason)))
        case .refused(let error): checks.append(.unchecked(.ping, "\(error)"))
        case .away: checks.append(.unchecked(.ping, silence))
        }
    }

    private mutating func ping(_ destination: EventDestination, _ inbox: DiagnosedInbox) async {
        let request = StripeRequest.call(
            "/v2/core/event_destinations/\(destination.id)/ping",
            idempotencyKey: "tollgate-doctor-\(UInt64.random(in: .min ... .max))")
        switch await stripe.id(request) {
        case .answered(let event): checks.append(await inbox.awaitPing(event, of: destination.id))
        case .refused(.notPermitted(let lacking)):
            let permission = lacking ?? "rak_webhook_write"
            checks.append(.unchecked(.ping, "the key may not ping \(destination.id)", advice: "it takes \(permission)"))
        case .refused(.unreadable(let reason)): checks.append(strange(.ping, .unreadable(reason)))
        case .refused(let error): checks.append(.unchecked(.ping, "\(error)"))
        case .away: checks.append(.unchecked(.ping, silence))
        }
    }
}
