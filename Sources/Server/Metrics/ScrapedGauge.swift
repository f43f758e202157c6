/// A gauge whose value is found at the moment of the scrape, such as the depth of a queue in the database.
public struct ScrapedGauge: Sendable {
    public let name: String
    public let help: String?
    public let labels: [(String, String)]
    public let value: Double

    public init(_ name: String, help: String? = nil, labels: [(String, String)] = [], value: Double) {
        self.name = name
        self.help = help
        self.labels = labels
        self.value = value
    }
}
