// SPDX-License-Identifier: Apache-2.0

/// Where a property stands in a request or an answer.
package enum PropertyPlace: String, Sendable {
    case body
    case path
    case query
    case header
}
