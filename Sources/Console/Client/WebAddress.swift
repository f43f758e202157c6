// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// An `http` or `https` URL that a command was given.
package struct WebAddress {
    /// Scheme, host and port: `http://127.0.0.1:8081`.
    package let base: String
    /// Empty, or everything from the first slash on.
    package let path: String

    package static let form = "write a URL such as \"http://127.0.0.1:8081\"."

    /// A service's base URL, which may have a path prefix set by a proxy, as in `https://host/tollgate`. Nil if no path
    /// can be appended to it.
    static func service(_ text: String) -> String? {
        guard let address = WebAddress(text), !text.contains("?"), !text.contains("#") else { return nil }
        var path = address.path[...]
        while path.last == "/" { path.removeLast() }
        return address.base + path
    }

    package init?(_ text: String) {
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https",
            let host = url.host, !host.isEmpty, url.user == nil
        else { return nil }
        let start = text.index(text.startIndex, offsetBy: "\(url.scheme ?? "")://".count)
        let end = text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        base = String(text[..<end])
        let rest = text[end...]
        path = rest.isEmpty || rest == "/" ? "" : rest.first == "/" ? String(rest) : "/\(rest)"
    }
}
