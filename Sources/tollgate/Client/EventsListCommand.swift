import ArgumentParser
import NIOHTTP1

struct EventsListCommand: AsyncParsableCommand {
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case pending, processed, ignored, failed, quarantined
    }

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List events, the newest first.",
        discussion: "What went wrong lately: tollgate events list --status failed"
    )

    @Option(help: "Only events in this state.")
    var status: Status?

    @Option(help: ArgumentHelp("Only events of this type, such as invoice.paid.", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("Only events about this customer.", valueName: "cus_…"))
    var customer: String?

    @Option(help: ArgumentHelp("Only events created after this time, such as \(PointInTime.forms).", valueName: "time"))
    var createdAfter: PointInTime?

    @Option(help: ArgumentHelp("Only events created before this time.", valueName: "time"))
    var createdBefore: PointInTime?

    @Option(help: ArgumentHelp("Only events received after this time.", valueName: "time"))
    var receivedAfter: PointInTime?

    @Option(help: ArgumentHelp("Only events received before this time.", valueName: "time"))
    var receivedBefore: PointInTime?

    @Option(
        help: ArgumentHelp(
            "Only events signed with this webhook secret: its label, or its place such as #1.", valueName: "label"))
    var secret: String?

    @Option(help: ArgumentHelp("How many, 1 to 100.", valueName: "number"))
    var limit = 10

    @Option(help: ArgumentHelp("Continue after this event, the last of the page before.", valueName: "evt_…"))
    var startingAfter: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 100.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(
                .GET,
                "/admin/v1/events",
                query: [
                    ("status", status?.rawValue), ("type", type), ("customer", customer),
                    ("created_after", createdAfter?.past()), ("created_before", createdBefore?.past()),
                    ("received_after", receivedAfter?.past()), ("received_before", receivedBefore?.past()),
                    ("secret", secret),
                    ("limit", String(limit)),
                    ("starting_after", startingAfter),
                ]
            )
            connection.show(answer, as: EventReport.list)
        }
    }
}
