// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventForge
import EventReading
import FoundationEssentials
import NIOHTTP1
import Notation
import Settings
import Stripe

struct TriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Build a realistic Stripe event, sign it and post it.",
        discussion: """
            Subscription and invoice ids follow from the customer's, so 'trigger invoice.payment_failed' and then \
            'trigger invoice.paid' are about one invoice; --invoice names another. Payments are new ones each time; \
            --payment-intent names the one that a refund or dispute is about. Fields are those of API version \
            \(EventTemplate.defaultAPIVersion); --set changes any of them.

            Examples:
              tollgate trigger customer.subscription.created
              tollgate trigger invoice.payment_failed --created 1764000000
              tollgate trigger checkout.session.completed --credits 500
              tollgate trigger customer.updated --set data.object.balance=5

            Exit code 0 when every event was answered with 2xx, and with --wait has ended as processed or ignored; else 1.
            """
    )

    @Argument(help: ArgumentHelp("The event's type, such as invoice.paid.", valueName: "event type"))
    var type: String

    @Option(help: ArgumentHelp("The customer it is about.", valueName: "cus_…"))
    var customer = EventTemplate.defaultCustomer

    @Option(
        help: ArgumentHelp("The invoice it is about. Default: one that follows from the customer.", valueName: "in_…"))
    var invoice: String?

    @Option(help: ArgumentHelp("The subscription. Default: one that follows from the customer.", valueName: "sub_…"))
    var subscription: String?

    @Option(help: ArgumentHelp("The payment. Default: a new one.", valueName: "pi_…"))
    var paymentIntent: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How many credits the purchase buys, put into its metadata.",
            discussion: "The metadata key is TOLLGATE_CREDITS_KEY. An invoice with credits has no subscription.",
            valueName: "number"
        )
    )
    var credits: Int64?

    @Option(help: ArgumentHelp("The event's own id. Default: a new one.", valueName: "evt_…"))
    var id: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "When it happened: seconds since 1970, or a time such as \(PointInTime.forms). Default: now.",
            valueName: "time")
    )
    var created: String?

    @Option(
        help: ArgumentHelp(
            "Change a field; can be repeated.",
            discussion: """
                Keys and array indexes separated by dots. The value is read as JSON where it is JSON, else as text: \
                --set data.object.attempt_count=3 --set account=acct_1
                """,
            valueName: "json.path=value"
        )
    )
    var set: [String] = []

    @Flag(help: "Send a live-mode event rather than a test-mode one.")
    var live = false

    @Option(
        help: ArgumentHelp(
            "The webhook listener.",
            discussion: "Default: TOLLGATE_PUBLIC_ADDRESS, else what 'tollgate dev' wrote, else http://127.0.0.1:8080.",
            valueName: "url"
        )
    )
    var to: String?

    @OptionGroup var signing: WebhookSecretOption

    @Option(help: ArgumentHelp("How many events to send, each with an id of its own.", valueName: "number"))
    var count = 1

    @Flag(help: "Wait for the end of each event, and say what it was. Asks the admin API.")
    var wait = false

    @Option(
        help: ArgumentHelp("With --wait: how long at most, such as 30s. Default: 30s.", valueName: "duration"))
    var timeout: String?

    @OptionGroup var admin: AdminOptions

    @Flag(
        help: """
            Print one JSON object a line: the event's id, the status and the body; with --wait also the event as the \
            admin API shows it; with --dry-run the event alone.
            """)
    var json = false

    @Flag(help: "Print the event instead of sending it.")
    var dryRun = false

    func validate() throws {
        let isType = type.split(separator: ".", omittingEmptySubsequences: false).count > 1 && !type.contains("..")
        let isPlain = type.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._".contains($0)) }
        guard isType, isPlain, type.first != ".", type.last != "." else {
            throw ValidationError("\"\(type)\" is no event type; write one such as \"invoice.paid\".")
        }
        let ids = [
            ("--customer", customer), ("--invoice", invoice), ("--subscription", subscription),
            ("--payment-intent", paymentIntent), ("--id", id),
        ]
        for case (let option, let value?) in ids where !ID.isValid(value) {
            throw ValidationError("\(option) \"\(value)\" is no id: letters, digits, hyphens and underscores only.")
        }
        guard count >= 1 else { throw ValidationError("--count \(count) sends nothing; it must be 1 or more.") }
        if id != nil, count > 1 {
            throw ValidationError("--id with --count \(count) would send one id many times; leave one of them out.")
        }
        if dryRun, wait { throw ValidationError("--dry-run sends nothing that --wait could wait for.") }
        if timeout != nil, !wait { throw ValidationError("--timeout is for --wait.") }
        _ = try waitingTime()
        _ = try creation()
        if let to, WebAddress(to) == nil { throw ValidationError("--to \(to): \(WebAddress.form)") }
        do {
            _ = try assignments()
        } catch {
            throw ValidationError("--set \(error).")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings()
            let creditsKey = try settings.creditsKey()
            if dryRun {
                for _ in 0..<count {
                    let event = try event(creditsKey: creditsKey)
                    StandardOutput.print(json ? Self.oneLine(event) : PrettyJSON.text(event))
                }
                return
            }
            let target =
                try to.flatMap(WebAddress.init)
                ?? WebAddress(settings.url(for: .webhookSecret))
            guard let target else { throw ValidationError("The address to post to is no URL; give --to.") }
            let secret = try signing.secret(settings, for: target.base)
            let access = wait ? try admin.access(settings) : nil
            warn()
            let sender = EventSender(
                target: target, secret: secret,
                authorities: try admin.trust.authorities(for: target.base, settings))
            let events = { try event(creditsKey: creditsKey) }
            var posted: [(id: String, answer: ServiceClient.Answer)] = []
            let refused = try await sender.send(count, events) { id, answer in
                if access != nil { posted.append((id, answer)) }
                if access == nil || !json { StandardOutput.print(line(id, answer)) }
            }
            var unfinished = 0
            if let access { unfinished = try await waitForEnds(of: posted, access) }
            if refused > 0 {
                ExitReport.say("tollgate: \(refused) of \(count) not accepted by \(target.base)\(target.path)")
            }
            if unfinished > 0 { ExitReport.say("tollgate: \(unfinished) of \(count) not processed") }
            if refused + unfinished > 0 { throw ExitCode.failure }
        }
    }

    /// - Returns: nil for now.
    private func creation() throws -> Timestamp? {
        guard let created else { return nil }
        if let seconds = Int64(created) { return Timestamp(seconds: seconds) }
        if let moment = PointInTime(argument: created) { return moment.past() }
        throw ValidationError("--created \(created): write seconds since 1970, or \(PointInTime.forms).")
    }

    private func waitingTime() throws -> Duration {
        try DurationOption.parse(timeout ?? "30s", option: "--timeout")
    }

    /// - Returns: how many of the accepted events did not end in time, or ended with a failure.
    private func waitForEnds(
        of posted: [(id: String, answer: ServiceClient.Answer)], _ access: AdminOptions.Access
    ) async throws -> Int {
        let limit = try waitingTime()
        return try await access.withService { service in
            let watch = EventWatch(service: service, deadline: .now + limit)
            var unfinished = 0
            for (id, answer) in posted {
                // A body that is not an event is stored under another id.
                let stored = body(of: answer)["id"]?.string.flatMap { EventArgument.isValid($0) ? $0 : nil } ?? id
                let event = answer.isSuccess ? try await watch.end(of: stored) : nil
                if json { StandardOutput.print(line(id, answer, event: event?.json ?? .null)) }
                guard answer.isSuccess else { continue }
                if !EventWatch.isGood(event) { unfinished += 1 }
                if let event, EventWatch.isEnd(event) {
                    if !json { StandardOutput.print(EventWatch.summary(stored, event)) }
                } else {
                    let state = event == nil ? "is not in the inbox yet" : "is pending still"
                    let word = ShellWord.written(stored)
                    ExitReport.say("tollgate: \(stored) \(state); see: tollgate events show \(word)")
                }
            }
            return unfinished
        }
    }

    /// Warns that an event will be acknowledged and then ignored.
    private func warn() {
        if !Interpretation.types.contains(type), !type.hasPrefix("v2.") {
            let nearest = Spelling.nearest(to: type, of: Interpretation.types, within: 4)
            let advice = nearest.map { "; did you mean \($0)?" } ?? ""
            ExitReport.say("tollgate: no rule wants \(type), it will be ignored\(advice)")
        }
        if !live, ProcessInfo.processInfo.environment["STRIPE_MODE"] == "live" {
            ExitReport.say("tollgate: STRIPE_MODE=live ignores this event of test mode; give --live")
        }
    }

    private func event(creditsKey: String) throws -> JSON {
        var generator = SystemRandomNumberGenerator()
        let template = EventTemplate(
            type: type,
            customer: customer,
            invoice: invoice,
            subscription: subscription,
            paymentIntent: paymentIntent,
            credits: credits,
            creditsKey: creditsKey,
            id: id,
            created: try creation() ?? WallClock.now,
            livemode: live
        )
        do {
            return try assignments().reduce(template.event(using: &generator)) { try $1.applied(to: $0) }
        } catch let fault as Assignment.Fault {
            throw ValidationError("--set \(fault).")
        }
    }

    private func assignments() throws(Assignment.Fault) -> [Assignment] {
        var assignments: [Assignment] = []
        for text in set { assignments.append(try Assignment(text)) }
        return assignments
    }

    /// - Parameter event: the event after the wait; nil if there was none.
    private func line(_ id: String, _ answer: ServiceClient.Answer, event: JSON? = nil) -> String {
        guard json else { return "\(answer.status) \(TerminalSafe.text(answer.body))" }
        var line: [String: JSON] = [
            "id": .string(id), "status": .integer(Int64(answer.status)), "body": body(of: answer),
        ]
        line["event"] = event
        return Self.oneLine(.object(line))
    }

    private static func oneLine(_ json: JSON) -> String {
        TerminalSafe.json(String(decoding: json.bytes, as: UTF8.self))
    }

    private func body(of answer: ServiceClient.Answer) -> JSON {
        do {
            return try JSON(bytes: Array(answer.body.utf8))
        } catch {
            return .string(answer.body)  // Such as a proxy's page: shown as text.
        }
    }
}
