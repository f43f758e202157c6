// SPDX-License-Identifier: Apache-2.0

/// Some of a customer's API keys.
package enum APIKeyPage: Sendable {
    case page([APIKeyRecord], hasMore: Bool)
    /// Nothing has named the customer.
    case unknownCustomer
    /// The customer has no key of the id to start after.
    case unknownKey
}
