// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// What a connection string says, as libpq itself reads it. libpq's own messages are never passed on: they quote what
/// it could not read, which may be part of the password.
struct ConnectionSettings: Sendable, Hashable {
    /// By keyword; without those that are unset or empty, which is the same to libpq.
    let values: [String: String]

    private static let encoding = "percent-encode the password: % is %25, @ is %40, / is %2F, : is %3A"

    init(_ conninfo: String) throws(DataSourceFault) {
        guard !conninfo.utf8.contains(0) else { throw DataSourceFault("contains a NUL byte") }
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(conninfo, &message)
        PQfreemem(message)
        guard let options else { throw Self.unreadable(conninfo) }
        defer { PQconninfoFree(options) }
        values = Self.values(options)
        // An @ that libpq took as part of the host or the database was meant for the password.
        if Self.isURI(conninfo), Self.holdsStrayAt(conninfo) {
            throw DataSourceFault("contains an @ or a / where none can be; \(Self.encoding)")
        }
    }

    /// - Parameter conninfo: the string that these settings come from.
    func check(as conninfo: String) throws(DataSourceFault) {
        guard let all = ConnectionProbe.effective(conninfo) else {
            throw DataSourceFault("service: no service file defines it")
        }
        try Self.checkHosts(all)
        try Self.checkNumbers(all)
        try Self.checkFiles(all)
        if ConnectionProbe.isAccepted(values) { return }
        for (keyword, value) in values.sorted(by: { $0.key < $1.key }) {
            if !ConnectionProbe.isAccepted([keyword: value]) {
                throw DataSourceFault("\(keyword): libpq does not accept this value")
            }
        }
        throw DataSourceFault("libpq does not accept these settings together, or a PG… variable in the environment")
    }

    private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return values
    }

    /// - Parameter connection: one whose settings were read, whether or not it is open.
    init(of connection: OpaquePointer) {
        guard let options = PQconninfo(connection) else {
            values = [:]
            return
        }
        defer { PQconninfoFree(options) }
        values = Self.values(options)
    }

    // MARK: What libpq checks only later

    private static func checkHosts(_ all: [String: String]) throws(DataSourceFault) {
        let hosts = list(all["host"])
        for host in hosts where !isHost(host) { throw DataSourceFault("host: is not a host name; \(encoding)") }
        let ports = list(all["port"])
        for port in ports where !port.isEmpty {
            guard let number = number(port), (1...65_535).contains(number) else {
                throw DataSourceFault(
                    "port: is not a number from 1 to 65535; if the password contains a / or an @, \(encoding)")
            }
        }
        let addresses = list(all["hostaddr"])
        for address in addresses where !address.isEmpty && !ConnectionProbe.isAddress(String(address)) {
            throw DataSourceFault("hostaddr: is not an IP address; a name belongs in host")
        }
        if !hosts.isEmpty, !addresses.isEmpty, hosts.count != addresses.count {
            throw DataSourceFault("hostaddr: give as many as host has")
        }
        if ports.count > 1, ports.count != max(hosts.count, addresses.count) {
            throw DataSourceFault("port: give one, or as many as host has")
        }
    }

    private static func checkNumbers(_ all: [String: String]) throws(DataSourceFault) {
        let keywords = [
            "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
            "tcp_user_timeout",
        ]
        for keyword in keywords {
            guard let value = all[keyword], number(value) == nil else { continue }
            throw DataSourceFault("\(keyword): is not a whole number")
        }
    }

    private static func checkFiles(_ all: [String: String]) throws(DataSourceFault) {
        // If a file is set but missing, libpq ignores some of these, and is then less secure than was asked for.
        for keyword in ["sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile"] {
            guard let path = all[keyword], path != "system", !path.contains(":") else { continue }
            guard ConnectionProbe.isReadable(path) else {
                throw DataSourceFault("\(keyword): there is no such file, or this user may not read it")
            }
        }
    }

    private static func list(_ value: String?) -> [Substring] {
        value?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    }

    /// As libpq reads one: white space around it is harmless.
    private static func number(_ text: some StringProtocol) -> Int32? {
        let digits = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return Int32(String(digits))
    }

    private static func isHost(_ host: Substring) -> Bool {
        // The folder of a socket, or an abstract socket.
        if host.hasPrefix("/") || host.hasPrefix("@") { return true }
        return host.allSatisfy { $0.isLetter || $0.isNumber || "-._:%".contains($0) }
    }

    // MARK: What libpq cannot read

    private static func isURI(_ conninfo: String) -> Bool {
        ["postgres://", "postgresql://"].contains { conninfo.hasPrefix($0) }
    }

    /// libpq ends user and password at the first @ before any slash; no other belongs between that and the query.
    private static func holdsStrayAt(_ uri: String) -> Bool {
        let rest = uri.utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        let credentials = rest.prefix { $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "/") }
        let isAt = rest.dropFirst(credentials.count).first == UInt8(ascii: "@")
        let location = isAt ? rest.dropFirst(credentials.count + 1) : rest
        return location.prefix { $0 != UInt8(ascii: "?") }.contains(UInt8(ascii: "@"))
    }

    private static func unreadable(_ conninfo: String) -> DataSourceFault {
        if let hint = unknownKeyword(conninfo) { return DataSourceFault(hint) }
        if let name = unknownParameter(conninfo) {
            return DataSourceFault("contains the parameter \(name), which libpq does not have; remove it")
        }
        if isURI(conninfo) {
            return holdsBadPercent(conninfo)
                ? DataSourceFault("contains a % that does not begin a code such as %2F; \(encoding)")
                : DataSourceFault("is not a URI that libpq can read; \(encoding)")
        }
        return DataSourceFault(
            "is not a list of keyword=value that libpq can read; put a value with a blank in it in single quotes, "
                + #"and write \' and \\ for ' and \ in any value"#)
    }

    private static func holdsBadPercent(_ uri: String) -> Bool {
        let bytes = Array(uri.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "%") {
            let code = bytes[(index + 1)...].prefix(2)
            guard code.count == 2, let value = UInt8(String(decoding: code, as: UTF8.self), radix: 16), value > 0,
                code.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
            else { return true }
        }
        return false
    }

    /// A word that is almost a keyword is a typing error; any other may be part of the password and is not shown.
    private static func unknownKeyword(_ conninfo: String) -> String? {
        let text: Substring = isURI(conninfo) ? conninfo.drop { $0 != "?" }.dropFirst() : conninfo[...]
        let words: [Substring] = text.split { $0 == "&" || $0.isWhitespace }.compactMap { word in
            word.firstIndex(of: "=").map { word[..<$0] }
        }
        let known = Self.keywords
        for word in words where !known.contains(String(word)) {
            if let meant = known.first(where: { isSlip(word, of: $0) }) {
                return "contains a keyword that libpq does not know; \(meant) may be meant"
            }
        }
        return nil
    }

    /// A parameter from other URL dialects, such as an ORM's. Only if it cannot be part of a password.
    private static func unknownParameter(_ uri: String) -> String? {
        guard isURI(uri), let mark = uri.firstIndex(of: "?") else { return nil }
        let (location, query) = (uri[..<mark].drop { $0 != "/" }.dropFirst(2), uri[mark...].dropFirst())
        // A password may contain a ? or a & that was not percent-encoded: what follows is then part of it.
        guard !query.contains(where: { "@?".contains($0) }) else { return nil }
        let authority = location.prefix { $0 != "/" }
        guard location.contains("@") || isPort(authority.drop { $0 != ":" }.dropFirst()) else { return nil }
        let pairs = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        let names = pairs.compactMap { $0.first.map { String($0) } }
        guard !names.contains(where: { $0.contains("pass") || $0.contains("secret") }) else { return nil }
        let known = Self.keywords
        // libpq accepts this one too.
        let unknown = pairs.first { $0.count == 2 && !known.contains(String($0[0])) && $0 != ["ssl", "true"] }
        guard let name = unknown?[0], name.count <= 32,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else { return nil }
        return String(name)
    }

    private static func isPort(_ text: Substring) -> Bool { text.count <= 5 && text.allSatisfy(\.isNumber) }

    private static var keywords: [String] {
        guard let options = PQconndefaults() else { return [] }
        defer { PQconninfoFree(options) }
        var keywords: [String] = []
        var option = options
        while let keyword = option.pointee.keyword {
            keywords.append(String(cString: keyword))
            option += 1
        }
        return keywords
    }

    /// The same letters in another order, or one too many or too few.
    private static func isSlip(_ word: Substring, of keyword: String) -> Bool {
        guard word.count > 3, word != keyword else { return false }
        let (one, other) = (word.lowercased(), keyword)
        if one.sorted() == other.sorted() { return true }
        let (long, short) = one.count > other.count ? (one, other) : (other, one)
        guard long.count == short.count + 1 else { return false }
        let same = zip(long, short).prefix { $0 == $1 }.count
        return long.dropFirst(same + 1) == short.dropFirst(same)
    }
}
