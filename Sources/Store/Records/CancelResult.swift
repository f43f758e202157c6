// SPDX-License-Identifier: Apache-2.0

/// The result of a request to cancel a replay.
package enum CancelResult: Sendable {
    case canceled(ReplayRecord)
    case unknown
    /// It is done, or was already canceled.
    case over
}
