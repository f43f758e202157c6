// SPDX-License-Identifier: Apache-2.0

/// Where a replay of many events stands.
package enum ReplayStatus: String, Sendable, Hashable, CaseIterable {
    case running, done, canceled
}
