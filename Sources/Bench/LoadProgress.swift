// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many answers have come so far, for the progress line while a loop runs.
final class LoadProgress: Sendable {
    private let total = Atomic<Int>(0)

    var answers: Int { total.load(ordering: .relaxed) }

    func count() {
        total.wrappingAdd(1, ordering: .relaxed)
    }
}
