import NIOCore

/// Where a listener binds, and the setting that says so.
public struct ListenerAddress: Hashable, Sendable {
    /// Without the brackets of an IPv6 address.
    public let host: String
    /// 0 takes any free port.
    public let port: Int
    /// The name of the setting, for errors.
    public let variable: String

    public init(host: String, port: Int, variable: String) {
        self.host = host
        self.port = port
        self.variable = variable
    }
}

extension ListenerAddress: CustomStringConvertible {
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
