// SPDX-License-Identifier: Apache-2.0

/// What became of a request to run an event again.
package enum RequeueResult: Sendable, Hashable {
    case queued
    case unknown
    /// It is pending already.
    case pending
    /// Its payload is past its retention.
    case pruned
}
