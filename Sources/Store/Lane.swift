/// A share of the customers: workers that keep to different lanes do not wait for each other's accounts.
package struct Lane: Sendable, Hashable {
    let number: Int
    let count: Int

    /// - Parameters:
    ///   - number: from 0.
    ///   - count: how many lanes there are.
    package init(_ number: Int, of count: Int) {
        self.number = number
        self.count = count
    }

    package var isFirst: Bool { number == 0 }

    /// All customers.
    package static let whole = Lane(0, of: 1)
}
