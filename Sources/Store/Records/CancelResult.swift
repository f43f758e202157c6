// SPDX-License-Identifier: Apache-2.0

/// What became of a request to cancel a replay.
package enum CancelResult: Sendable {
    case canceled(ReplayRecord)
    case unknown
    /// It is done, or was canceled before.
    case over
}
