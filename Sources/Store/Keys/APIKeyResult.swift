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
    /// The new key was to end at a time that has passed.
    case ended
    /// There is no such key to rotate.
    case unknown
    /// The key to be rotated was imported, is disabled, of the other mode or over.
    case notActive

    /// Whether the key exists; everything else is a refusal.
    var isKept: Bool {
        switch self {
        case .created, .repeated: true
        case .keyReused, .exists, .ended, .unknown, .notActive: false
        }
    }
}
