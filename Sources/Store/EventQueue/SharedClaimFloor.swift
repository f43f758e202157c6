// SPDX-License-Identifier: Apache-2.0

import Notation
import Synchronization

/// The claim floor shared by all workers of a process.
final class SharedClaimFloor: Sendable {
    private let state: Mutex<ClaimFloor>

    init(_ floor: ClaimFloor = ClaimFloor()) {
        state = Mutex(floor)
    }

    func step(at now: ClaimFloor.Instant) -> ClaimFloor.Step { state.withLock { $0.step(at: now) } }

    func claimed(since began: ClaimFloor.Instant) {
        state.withLock { $0.claimed(after: began.duration(to: .now), at: .now) }
    }

    func found(_ oldest: Timestamp?, databaseTime: Timestamp, began: ClaimFloor.Instant) {
        state.withLock { $0.found(oldest, databaseTime: databaseTime, began: began, at: .now) }
    }
}
