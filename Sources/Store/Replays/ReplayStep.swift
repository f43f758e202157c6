// SPDX-License-Identifier: Apache-2.0

/// What one step of a replay did.
package struct ReplayStep: Sendable {
    /// Events that became pending.
    package let queued: Int
    /// Events whose end it has seen.
    package let ended: Int
    package let isFinished: Bool
}
