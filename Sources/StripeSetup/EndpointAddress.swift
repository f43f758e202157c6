// SPDX-License-Identifier: Apache-2.0

/// The URL of a webhook endpoint. While one moves to another API version there are two of them, which differ by `version`
/// in the query; apart from that, two URLs are the same if they lead to the same place.
/// Source: https://docs.stripe.com/webhooks/versioning
package struct EndpointAddress: Hashable, Sendable {
    /// Where Tollgate takes Stripe's events.
    package static let path = "/webhooks/stripe"

    /// As it was given.
    package let text: String
    package let isSecure: Bool
    package let path: String
    /// Without `version`: the same for the endpoints of one receiver.
    package let place: String
    private let prefix: String
    private let query: [Substring]

    /// - Returns: nil unless it is an `http` or `https` URL without a user and without a fragment.
    package init?(_ text: String) {
        let lowered = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#")
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?".contains($0) }
        var host = authority.lowercased()
        guard !host.isEmpty, !host.hasPrefix(":"), !host.contains("@") else { return nil }
        let standardPort = scheme == "https://" ? ":443" : ":80"
        if host.hasSuffix(standardPort) { host.removeLast(standardPort.count) }
        let location = rest.dropFirst(authority.count)
        let path = location.prefix { $0 != "?" }
        let query = location.dropFirst(path.count + 1).split(separator: "&").filter { !$0.hasPrefix("version=") }
        self.text = text
        isSecure = scheme == "https://"
        // Tollgate takes events at its path with a slash behind it too.
        let isOwn = path == "\(Self.path)/"
        self.path = isOwn ? Self.path : path.isEmpty ? "/" : String(path)
        prefix = "\(scheme)\(host)\(self.path)"
        self.query = query
        place = query.isEmpty ? prefix : "\(prefix)?\(query.joined(separator: "&"))"
    }

    /// What is said of a text that is none. A password in it is not said again.
    package static func complaint(about text: String) -> String {
        let form = "write a URL such as https://hooks.example.com\(path)"
        return text.contains("@") ? "--url has a user in it: \(form)." : "--url \(text): \(form)."
    }

    /// Any URL without the user in it, whose password others may see.
    static func withoutUser(_ text: String) -> String {
        text.replacing(/^([^\/?#]*\/\/)[^\/?#]*@/) { "\($0.1)…@" }
    }

    /// The URL of the endpoint that delivers events in another API version.
    package func delivering(_ version: String) -> String {
        "\(prefix)?\((query + ["version=\(version)"]).joined(separator: "&"))"
    }
}
