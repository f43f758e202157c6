import ArgumentParser
import NIOHTTP1

struct EventsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one event: its attempts, what it changed, and its payload.",
        discussion: "An event that could not be decoded has the id sha256_<hex of its body>."
    )

    @Argument(help: ArgumentHelp("The event's id.", valueName: "evt_…"))
    var id: String

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if id.isEmpty { throw ValidationError("The event's id is empty.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(.GET, "/admin/v1/events/\(ServiceClient.segment(id))")
            connection.show(answer, as: EventReport.show)
        }
    }
}
