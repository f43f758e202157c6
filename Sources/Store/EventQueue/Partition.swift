// SPDX-License-Identifier: Apache-2.0

/// A share of the customers: workers that keep to different partitions do not wait for each other's accounts.
package struct Partition: Sendable, Hashable {
    let number: Int
    let count: Int

    /// - Parameters:
    ///   - number: counted from 0.
    ///   - count: how many partitions there are.
    package init(_ number: Int, of count: Int) {
        self.number = number
        self.count = count
    }

    package var isFirst: Bool { number == 0 }

    /// All customers.
    package static let whole = Partition(0, of: 1)

    /// One for each of this many workers.
    package static func all(of count: Int) -> [Partition] { (0..<count).map { Partition($0, of: count) } }
}
