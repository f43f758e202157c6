// SPDX-License-Identifier: Apache-2.0

/// The state of a replay of many events.
package enum ReplayStatus: String, Sendable, Hashable, CaseIterable {
    case running, done, canceled
}
