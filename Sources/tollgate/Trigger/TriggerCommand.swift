import ArgumentParser
import Billing
import FoundationEssentials
import NIOHTTP1
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

            Exit code 0 when every event was answered with 2xx, else 1.
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
        help: ArgumentHelp("When it happened, in seconds since 1970. Default: now.", valueName: "unix time")
    )
    var created: Int64?

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

    @Option(
        help: ArgumentHelp(
            "The secret to sign with.",
            discussion: "Default: the first of STRIPE_WEBHOOK_SECRET, else what 'tollgate dev' wrote.",
            valueName: "whsec_…"
        )
    )
    var secret: String?

    @Option(help: ArgumentHelp("How many events to send, each with an id of its own.", valueName: "number"))
    var count = 1

    @Flag(help: "Print one JSON object a line: the event's id, the status and the body.")
    var json = false

    @Flag(help: "Print the event instead of sending it.")
    var dryRun = false

    func validate() throws {
        let isType = type.split(separator: ".", omittingEmptySubsequences: false).count > 1 && !type.contains("..")
        let isPlain = type.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._".contains($0)) }
        guard isType, isPlain, type.first != ".", type.last != "." else {
            throw ValidationError("\"\(type)\" is no event type; write one such as invoice.paid.")
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
        if let to, WebAddress(to) == nil { throw ValidationError("--to \(to): \(WebAddress.form)") }
        do {
            _ = try assignments()
        } catch {
            throw ValidationError("--set \(error).")
        }
        do {
            _ = try secret.map { text in try WebhookSecret(value: text) }
        } catch {
            throw ValidationError("--secret: \(error).")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = ClientSettings()
            let creditsKey = try settings.creditsKey()
            if dryRun {
                for _ in 0..<count { StandardOutput.print(PrettyJSON.text(try event(creditsKey: creditsKey))) }
                return
            }
            let target =
                try to.flatMap(WebAddress.init)
                ?? WebAddress(settings.url(for: .webhookSecret))
            guard let target else { throw ValidationError("The address to post to is no URL; give --to.") }
            let secret =
                try secret.map { text in try WebhookSecret(value: text) } ?? settings.webhookSecret(for: target.base)
            warn()
            let sender = EventSender(target: target, secret: secret)
            let events = { try event(creditsKey: creditsKey) }
            let refused = try await sender.send(count, events) { id, answer in StandardOutput.print(line(id, answer)) }
            if refused > 0 {
                ExitReport.say("tollgate: \(refused) of \(count) not accepted by \(target.base)")
                throw ExitCode.failure
            }
        }
    }

    /// What will be acknowledged and then ignored, for the person who wonders why nothing happens.
    private func warn() {
        if !Reading.types.contains(type), !type.hasPrefix("v2.") {
            let nearest = VariableNames.nearest(to: type, of: Reading.types, within: 4)
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
            created: created.map(Timestamp.init(seconds:)) ?? EventSender.now,
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

    private func line(_ id: String, _ answer: ServiceClient.Answer) -> String {
        guard json else { return "\(answer.status) \(Plain.text(answer.body))" }
        let body: JSON
        do {
            body = try JSON(bytes: Array(answer.body.utf8))
        } catch {
            body = .string(answer.body)  // A proxy's page, say: shown as the text that it is.
        }
        let line: JSON = ["id": .string(id), "status": .integer(Int64(answer.status)), "body": body]
        return Plain.json(String(decoding: line.bytes, as: UTF8.self))
    }
}
