// SPDX-License-Identifier: Apache-2.0

/// What became of a request for a new API key.
package enum APIKeyResult: Sendable, Hashable {
    case created(APIKeyRecord)
    /// The same was asked for before: nothing was done.
    case repeated(APIKeyRecord)
    /// The idempotency key stands for another request.
    case keyReused
    /// Another customer or label has it, or it was deleted.
    case exists
    /// There is no such key to rotate.
    case unknown
    /// The key to be rotated was imported, is disabled, of the other mode or over.
    case notActive
}
