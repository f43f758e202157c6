// SPDX-License-Identifier: Apache-2.0

import Notation

/// An event destination of the API's second version that posts to a URL and is enabled: it can be pinged.
/// Source: https://docs.stripe.com/api/v2/core/event_destinations/object
package struct EventDestination: Sendable, Hashable {
    package let id: String
    private let address: EndpointAddress

    /// - Returns: nil for any other kind of destination, and for those that are disabled.
    package init?(_ json: JSON) {
        guard json["type"]?.string == "webhook_endpoint", json["status"]?.string == "enabled",
            let id = json["id"]?.string, let url = json.at("webhook_endpoint.url")?.string,
            id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
            let address = EndpointAddress(url)
        else { return nil }
        self.id = id
        self.address = address
    }

    /// - Parameter other: nil for Tollgate's own path.
    package func leads(to other: EndpointAddress?) -> Bool {
        other.map { $0.place == address.place } ?? (address.path == EndpointAddress.path)
    }
}
