import ArgumentParser

/// Which events are listed or counted.
struct EventFilterOptions: ParsableArguments {
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

    /// As the admin API takes them.
    var query: [(name: String, value: String?)] {
        [
            ("type", type), ("customer", customer),
            ("created_after", createdAfter?.past()), ("created_before", createdBefore?.past()),
            ("received_after", receivedAfter?.past()), ("received_before", receivedBefore?.past()),
            ("secret", secret),
        ]
    }
}
