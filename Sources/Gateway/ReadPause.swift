// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The time during which the database is not asked again, because it just did not answer. Lookups that one request needs
/// share it: it waits for a database that is away once, not for each.
package final class ReadPause: Sendable {
    private static let length: Duration = .milliseconds(500)

    private let end = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    var lasts: Bool { end.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

    func begin() {
        end.withLock { $0 = .now + Self.length }
    }
}
