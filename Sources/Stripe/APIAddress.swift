// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Where Stripe's API is: Stripe's own address, or that of something that plays it.
package struct APIAddress: Hashable, Sendable {
    package static let standard = APIAddress(base: "https://api.stripe.com")

    /// Scheme, host and port, without a slash at the end.
    package let base: String

    private init(base: String) { self.base = base }

    /// - Returns: nil unless it is an `https` URL without a path; `http` is for this machine alone, since a key is sent.
    package init?(_ text: String) {
        guard let url = URL(string: text), let host = url.host, !host.isEmpty, url.user == nil, url.query == nil,
            url.fragment == nil, url.path.isEmpty || url.path == "/"
        else { return nil }
        let isLocal = ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host)
        guard url.scheme == "https" || url.scheme == "http" && isLocal else { return nil }
        base = text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
