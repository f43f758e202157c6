// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The time during which the database is not asked again, because it just did not answer.
final class ReadPause: Sendable {
    private static let length: Duration = .milliseconds(500)

    private let end = Mutex<ContinuousClock.Instant?>(nil)

    var lasts: Bool { end.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

    func begin() {
        end.withLock { $0 = .now + Self.length }
    }
}
