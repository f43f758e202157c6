// SPDX-License-Identifier: Apache-2.0

/// One request that changes Stripe's webhook endpoints.
package enum EndpointStep: Sendable, Hashable {
    /// Made, and enabled: it delivers at once.
    case create(EndpointCreation)
    /// Made to take the place of another one later, and disabled at once.
    case prepare(EndpointCreation)
    /// One whose preparation was interrupted is disabled.
    case setAside(WebhookEndpoint)
    /// Delivers these types from now on, and is enabled.
    case mend(WebhookEndpoint, types: Set<String>)
    /// Disabled, as another one has taken its place.
    case retire(WebhookEndpoint)

    /// What is made, if anything is: its secret is shown once.
    package var creation: EndpointCreation? {
        switch self {
        case .create(let creation), .prepare(let creation): creation
        case .setAside, .mend, .retire: nil
        }
    }
}
