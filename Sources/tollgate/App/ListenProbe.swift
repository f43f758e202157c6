// SPDX-License-Identifier: Apache-2.0

import Glibc
import Settings

/// Asks the system whether the listeners could listen, before any port opens: either both will, or the program ends.
enum ListenProbe {
    /// - Throws: `ConfigurationError` for what no restart will fix, `AddressInUseError` for what another process holds.
    static func check(_ addresses: [(variable: String, address: ListenAddress)]) throws {
        var found: [(variable: String, address: ListenAddress, resolved: Resolved)] = []
        for (variable, address) in addresses {
            let resolved = try resolve(address, variable: variable)
            if let other = found.first(where: { $0.resolved.overlaps(resolved) }) {
                let reason =
                    "\(address) is where \(other.variable) \(other.address) listens; give each listener its own port"
                throw ConfigurationError(variable: variable, reason: reason)
            }
            try bind(resolved, address, variable: variable)
            found.append((variable, address, resolved))
        }
    }

    private struct Resolved {
        let family: Int32
        /// A `sockaddr` of that family.
        let bytes: [UInt8]
        let port: Int
        /// Numeric.
        let host: String

        func overlaps(_ other: Resolved) -> Bool {
            let isWildcard = [host, other.host].contains { $0 == "0.0.0.0" || $0 == "::" }
            return port != 0 && port == other.port && (host == other.host || isWildcard)
        }
    }

    /// As the listener does: the first address of a name counts.
    private static func resolve(_ address: ListenAddress, variable: String) throws -> Resolved {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0, let first = list?.pointee, let pointer = first.ai_addr else {
            let cause = code == EAI_SYSTEM ? systemError : String(cString: gai_strerror(code))
            let reason =
                "\(address): the host name is not known (\(cause.lowercased())); write an address of this machine"
            throw ConfigurationError(variable: variable, reason: reason)
        }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: pointer, count: Int(first.ai_addrlen)))
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let isNamed =
            getnameinfo(pointer, first.ai_addrlen, &text, socklen_t(text.count), nil, 0, Int32(NI_NUMERICHOST)) == 0
        let host = isNamed ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
        return Resolved(family: first.ai_family, bytes: bytes, port: address.port, host: host)
    }

    /// Binds the address without listening there, and releases it.
    private static func bind(_ resolved: Resolved, _ address: ListenAddress, variable: String) throws {
        let descriptor = socket(resolved.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw refusal(address, variable: variable) }
        defer { close(descriptor) }
        // As the listener does: an address that an earlier process has just left is free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = resolved.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.bind(descriptor, $0.baseAddress, socklen_t(bytes.count))
            }
                == 0
        }
        guard isBound else { throw refusal(address, variable: variable) }
    }

    private static var systemError: String { String(cString: strerror(errno)) }

    /// The error of the last system call.
    private static func refusal(_ address: ListenAddress, variable: String) -> any Error {
        switch errno {
        case EADDRINUSE:
            AddressInUseError(variable: variable, address: address)
        case EADDRNOTAVAIL:
            ConfigurationError(variable: variable, reason: "\(address) is not an address of this machine")
        case EACCES:
            ConfigurationError(
                variable: variable, reason: "this user may not listen on \(address); take a port above 1023")
        default:
            ConfigurationError(
                variable: variable, reason: "\(address) cannot be listened on: \(systemError.lowercased())")
        }
    }
}
