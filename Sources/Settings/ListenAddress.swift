// SPDX-License-Identifier: Apache-2.0

/// Where a listener binds: `0.0.0.0:8080`, `localhost:8080`, `[::1]:8080`. Port 0 takes any free port.
package struct ListenAddress: Hashable, Sendable {
    /// Without the brackets of an IPv6 address.
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Throws: an error that names `variable` for anything but `host:port`.
    package init(_ text: String, variable: String) throws(ConfigurationError) {
        let form = "write host:port, such as 127.0.0.1:8081 or [::1]:8081"
        guard let colon = text.lastIndex(of: ":") else {
            throw ConfigurationError(variable: variable, reason: "\"\(text)\" has no port; \(form)")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else {
                throw ConfigurationError(variable: variable, reason: "\"\(text)\" is not an IPv6 address; \(form)")
            }
        } else if host.contains(where: \.isNumber), host.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) {
            // Otherwise 256.1.1.1 would be looked up as a name, and fail only after seconds.
            let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
            guard numbers.count == 4, numbers.allSatisfy({ $0.count <= 3 && UInt8($0) != nil }) else {
                throw ConfigurationError(
                    variable: variable,
                    reason: "\"\(text)\" is not an IPv4 address, which is four numbers up to 255; \(form)")
            }
        } else {
            let isName = host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
            guard isName, !host.isEmpty else {
                let reason = "\"\(text)\" is not an address to listen on; \(form), without a scheme or a path"
                throw ConfigurationError(variable: variable, reason: reason)
            }
        }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (0...65535).contains(port)
        else {
            throw ConfigurationError(
                variable: variable, reason: "the port of \"\(text)\" is not within 0 to 65535; \(form)")
        }
        self.init(host: String(host), port: port)
    }

    /// The address at which a client on this machine reaches the listener: it cannot connect to a wildcard.
    package var reachable: ListenAddress {
        switch host {
        case "0.0.0.0": ListenAddress(host: "127.0.0.1", port: port)
        case "::", "0:0:0:0:0:0:0:0": ListenAddress(host: "::1", port: port)
        default: self
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// As it is written in a setting or a URL.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
