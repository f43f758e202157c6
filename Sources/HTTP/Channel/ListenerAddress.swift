// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Where a listener binds, and the setting that configures it.
package struct ListenerAddress: Hashable, Sendable {
    /// Without the brackets of an IPv6 address.
    package let host: String
    /// 0 takes any free port.
    package let port: Int
    /// The name of the setting, for error messages.
    package let variable: String

    package init(host: String, port: Int, variable: String) {
        self.host = host
        self.port = port
        self.variable = variable
    }
}

extension ListenerAddress: CustomStringConvertible {
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
