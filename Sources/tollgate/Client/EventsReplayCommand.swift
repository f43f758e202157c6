import ArgumentParser
import NIOHTTP1

struct EventsReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run an event again.",
        discussion: """
            For a failed event whose cause is mended, and for one that was ignored or quarantined before a change of \
            configuration or version. What an event has already changed is not changed again.
            """
    )

    @Argument(help: ArgumentHelp("The event's id.", valueName: "evt_…"))
    var id: String

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if id.isEmpty { throw ValidationError("The event's id is empty.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(.POST, "/admin/v1/events/\(ServiceClient.segment(id))/replay")
            connection.show(answer) { _, _ in
                ["\(Plain.text(id)) will run again; see: tollgate events show \(Plain.text(id))"]
            }
        }
    }
}
