import ArgumentParser

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Look at received events, and run them again.",
        discussion: """
            Every event that was rightly signed is here, with what became of it: pending, processed, ignored (with why), \
            failed (with the error) or quarantined (not decodable as an event).
            """,
        subcommands: [EventsListCommand.self, EventsShowCommand.self, EventsReplayCommand.self]
    )
}
