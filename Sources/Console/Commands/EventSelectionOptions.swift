// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// Which events to list, count or replay.
struct EventSelectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only events of this type, such as invoice.paid.", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("Only events about this customer.", valueName: "cus_…"))
    var customer: String?

    @Option(help: ArgumentHelp("Only events created after this time, such as \(PointInTime.forms).", valueName: "time"))
    var createdAfter: PointInTime?

    @Option(help: ArgumentHelp("Only events created before this time.", valueName: "time"))
    var createdBefore: PointInTime?

    func fill<Content: EventSelectionContent>(_ wanted: inout Object<Content>) {
        wanted.type = type
        wanted.customer = customer
        wanted.createdAfter = createdAfter?.past()
        wanted.createdBefore = createdBefore?.past()
    }
}
