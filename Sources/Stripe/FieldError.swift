/// A field that a rule needs and cannot use: where it is, and what is wrong with it. Never quotes the value.
public struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { path.isEmpty ? "the body \(reason)" : "\(path) \(reason)" }
}
