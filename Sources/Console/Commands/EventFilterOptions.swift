// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// Which events are listed or counted.
struct EventFilterOptions: ParsableArguments {
    @OptionGroup var selection: EventSelectionOptions

    @Option(help: ArgumentHelp("Only events received after this time.", valueName: "time"))
    var receivedAfter: PointInTime?

    @Option(help: ArgumentHelp("Only events received before this time.", valueName: "time"))
    var receivedBefore: PointInTime?

    @Option(
        help: ArgumentHelp(
            "Only events signed with this webhook secret: its label, or its place such as #1.", valueName: "label"))
    var secret: String?

    @Option(help: "Only events that came in this way.")
    var source: EventsAPI.SourceWord?

    @Flag(help: "Only events that did not come by themselves, as a comparison with Stripe found.")
    var missed = false

    func fill<Content: EventFilterContent>(_ wanted: inout Object<Content>) {
        selection.fill(&wanted)
        wanted.receivedAfter = receivedAfter?.past()
        wanted.receivedBefore = receivedBefore?.past()
        wanted.secret = secret
        wanted.source = source
        wanted.missed = missed ? true : nil
    }
}
