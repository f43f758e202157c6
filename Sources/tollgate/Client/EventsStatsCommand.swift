import ArgumentParser
import NIOHTTP1

struct EventsStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count events by type and by what became of them.",
        discussion: """
            Of the last 24 hours, where no time is given. At most the newest million is counted; the first line says from \
            when on that is.
            """
    )

    @Option(
        help: ArgumentHelp("Only events received after this time, such as \(PointInTime.forms).", valueName: "time"))
    var receivedAfter: PointInTime?

    @Option(help: ArgumentHelp("Only events received before this time.", valueName: "time"))
    var receivedBefore: PointInTime?

    @Option(help: ArgumentHelp("Only events created after this time.", valueName: "time"))
    var createdAfter: PointInTime?

    @Option(help: ArgumentHelp("Only events created before this time.", valueName: "time"))
    var createdBefore: PointInTime?

    @Option(help: ArgumentHelp("Only events of this type, such as invoice.paid.", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("Only events about this customer.", valueName: "cus_…"))
    var customer: String?

    @Option(
        help: ArgumentHelp(
            "Only events signed with this webhook secret: its label, or its place such as #1.", valueName: "label"))
    var secret: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(
                .GET,
                "/admin/v1/events/stats",
                query: [
                    ("received_after", receivedAfter?.past()), ("received_before", receivedBefore?.past()),
                    ("created_after", createdAfter?.past()), ("created_before", createdBefore?.past()), ("type", type),
                    ("customer", customer), ("secret", secret),
                ]
            )
            connection.show(answer, as: EventReport.statistics)
        }
    }
}
