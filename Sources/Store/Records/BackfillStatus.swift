// SPDX-License-Identifier: Apache-2.0

/// The state of a backfill.
package enum BackfillStatus: String, Sendable, Hashable, CaseIterable {
    case running, done, failed, canceled
}
