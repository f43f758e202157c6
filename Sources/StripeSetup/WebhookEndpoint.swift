// SPDX-License-Identifier: Apache-2.0

import Notation
import StripeAPI

/// A webhook endpoint as Stripe keeps it, without its secret. Source: https://docs.stripe.com/api/webhook_endpoints/object
package struct WebhookEndpoint: Hashable, Sendable {
    package let id: String
    package let url: String
    /// Names of event types, or `*` for all.
    package let types: Set<String>
    package let isEnabled: Bool
    /// What its events are rendered in; nil for the account's own version, whichever that is.
    package let version: String?
    /// Whether it gets the events of connected accounts, and only those.
    package let isConnect: Bool
    /// Whether it was made to take the place of another one, and has not done so.
    package let isPrepared: Bool
    /// Which call of `setup` made it; nil for those that were made otherwise.
    package let setup: String?
    /// In seconds since 1970.
    package let created: Int64

    package init(
        id: String, url: String, types: Set<String>, isEnabled: Bool = true, version: String? = nil,
        isConnect: Bool = false, isPrepared: Bool = false, setup: String? = nil, created: Int64 = 0
    ) {
        self.id = id
        self.url = url
        self.types = types
        self.isEnabled = isEnabled
        self.version = version
        self.isConnect = isConnect
        self.isPrepared = isPrepared
        self.setup = setup
        self.created = created
    }

    /// - Throws: `StripeAPIError` if it is not a webhook endpoint.
    package init(_ json: JSON) throws(StripeAPIError) {
        guard let id = json["id"]?.string, id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
            let url = json["url"]?.string, let types = json["enabled_events"]?.array
        else { throw .unreadable("a webhook endpoint lacks its id, url or enabled_events") }
        let metadata = json["metadata"]
        self.init(
            id: id, url: url, types: Set(types.compactMap(\.string)), isEnabled: json["status"]?.string == "enabled",
            version: json["api_version"]?.string,
            // Stripe does not say it in so many words: those that others made are told by their application.
            isConnect: metadata?[EndpointMark.kind]?.string == EndpointMark.connect
                || json["connect"]?.bool == true || json["application"] != nil,
            isPrepared: metadata?[EndpointMark.state]?.string == EndpointMark.prepared,
            setup: metadata?[EndpointMark.setup]?.string, created: json["created"]?.integer ?? 0)
    }

    package func delivers(_ type: String) -> Bool { types.contains("*") || types.contains(type) }
}
