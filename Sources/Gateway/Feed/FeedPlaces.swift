// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many may wait for changes at once.
package final class FeedPlaces: Sendable {
    /// One of them, free again as soon as nothing holds it.
    package final class Place: Sendable {
        private let places: FeedPlaces

        fileprivate init(_ places: FeedPlaces) {
            self.places = places
        }

        deinit {
            places.taken.subtract(1, ordering: .relaxed)
        }
    }

    private let limit: Int
    private let taken = Atomic(0)

    package init(_ limit: Int) {
        self.limit = limit
    }

    package var count: Int { taken.load(ordering: .relaxed) }

    /// - Returns: nil if all are taken.
    package func take() -> Place? {
        guard taken.add(1, ordering: .relaxed).newValue <= limit else {
            taken.subtract(1, ordering: .relaxed)
            return nil
        }
        return Place(self)
    }
}
