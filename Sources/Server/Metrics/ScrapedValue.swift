/// A value that is found at the moment of the scrape, such as the depth of a queue in the database.
public struct ScrapedValue: Sendable {
    public enum Kind: Sendable {
        case gauge
        /// Counted elsewhere, such as by the kernel; it only grows.
        case counter
    }

    public let name: String
    public let kind: Kind
    public let help: String?
    public let labels: [(String, String)]
    public let value: Double

    public init(
        _ name: String,
        _ kind: Kind = .gauge,
        help: String? = nil,
        labels: [(String, String)] = [],
        value: Double
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.value = value
    }
}
