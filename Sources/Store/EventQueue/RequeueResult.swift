// SPDX-License-Identifier: Apache-2.0

/// The result of a request to run an event again.
package enum RequeueResult: Sendable, Hashable {
    case queued
    case unknown
    /// It is already pending.
    case pending
    /// Its payload is past its retention.
    case pruned
}
