// SPDX-License-Identifier: Apache-2.0

/// Where in a request or an answer a property is.
package enum PropertyPlace: String, Sendable {
    case body
    case path
    case query
    case header
}
