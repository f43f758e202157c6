// SPDX-License-Identifier: Apache-2.0

/// How many batches there were, and how many items in total.
package struct BatchCounts: Sendable, Equatable {
    package var batches: Int
    package var items: Int

    package init(batches: Int = 0, items: Int = 0) {
        self.batches = batches
        self.items = items
    }
}
