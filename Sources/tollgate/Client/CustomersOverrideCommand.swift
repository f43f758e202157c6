import ArgumentParser
import NIOHTTP1
import Stripe

struct CustomersOverrideCommand: AsyncParsableCommand {
    enum Verdict: String, EnumerableFlag {
        case allow, deny

        static func help(for verdict: Verdict) -> ArgumentHelp? {
            switch verdict {
            case .allow: "Let the customer in, whatever Stripe says."
            case .deny: "Keep the customer out, whatever Stripe says."
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Decide a customer's access by hand.",
        discussion: """
            Stands above every rule until it ends or 'tollgate customers clear-override' takes it back. The timeline \
            keeps the reason and the label of the token that set it.
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Flag(exclusivity: .exclusive)
    var verdict: Verdict

    @Option(help: ArgumentHelp("Why, for the timeline.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("When it ends, such as 2026-11-26T09:00:00Z. Without it: never.", valueName: "time"))
    var until: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
        if let until, Timestamp(rfc3339: until) == nil {
            throw ValidationError("--until \(until) is no time; write one such as 2026-11-26T09:00:00Z.")
        }
    }

    func run() async throws {
        try await connection.withService { service in
            let body: JSON = [
                "allowed": .bool(verdict == .allow), "reason": .string(reason),
                "until": until.map(JSON.string) ?? .null,
            ]
            let answer = try await service.json(.PUT, "\(customer.path)/override", body: body)
            connection.show(answer) { answer, _ in
                let end = until.map { "until \($0)" } ?? "until it is cleared"
                return ["\(customer.id): \(verdict == .allow ? "allowed" : "BLOCKED") by override \(end)"]
                    + CustomerReport.created(answer)
            }
        }
    }
}
