// SPDX-License-Identifier: Apache-2.0

import Hashing

/// A webhook endpoint to be made.
package struct EndpointCreation: Sendable, Hashable {
    package let url: String
    package let types: [String]
    package let version: String
    package let isConnect: Bool
    /// Whether it is to take the place of another one later.
    package let isPrepared: Bool

    init(url: String, types: Set<String>, version: String, isConnect: Bool, isPrepared: Bool) {
        self.url = url
        self.types = types.sorted()
        self.version = version
        self.isConnect = isConnect
        self.isPrepared = isPrepared
    }

    /// The same for the same wish: Stripe answers a request that comes again under it with the endpoint that it has made, and
    /// with its secret, for at least 24 hours. Source: https://docs.stripe.com/api/idempotent_requests
    package var setup: String {
        let text = fields.map { "\($0.name)=\($0.value)\n" }.joined()
        // Out of memory is the only way to fail.
        guard let digest = SHA256Digest(of: Array(text.utf8).span) else { preconditionFailure("out of memory") }
        return String(digest.hex.prefix(32))
    }

    /// As Stripe is asked for it.
    var form: [(name: String, value: String)] { fields + [("metadata[\(EndpointMark.setup)]", setup)] }

    private var fields: [(name: String, value: String)] {
        var fields = [(name: "url", value: url)]
        fields += types.map { ("enabled_events[]", $0) }
        fields.append(("api_version", version))
        if isConnect { fields.append(("connect", "true")) }
        fields.append(("description", isConnect ? "Tollgate, connected accounts" : "Tollgate"))
        let kind = isConnect ? EndpointMark.connect : EndpointMark.account
        let state = isPrepared ? EndpointMark.prepared : EndpointMark.current
        return fields + [("metadata[\(EndpointMark.kind)]", kind), ("metadata[\(EndpointMark.state)]", state)]
    }
}
