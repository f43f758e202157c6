// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Look at received events, count them, run them again, and give up on some.",
        discussion: """
            Every event that was rightly signed is here, with what became of it: pending, processed, ignored (with why), \
            failed (with the error) or quarantined (not decodable as an event).
            """,
        subcommands: [
            EventsListCommand.self, EventsStatsCommand.self, EventsShowCommand.self, EventsReplayCommand.self,
            EventsDismissCommand.self,
        ]
    )
}
