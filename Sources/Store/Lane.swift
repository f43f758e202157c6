/// A share of the customers: workers that keep to different lanes do not wait for each other's accounts.
public struct Lane: Sendable, Hashable {
    let number: Int
    let count: Int

    /// - Parameters:
    ///   - number: from 0.
    ///   - count: how many lanes there are.
    public init(_ number: Int, of count: Int) {
        self.number = number
        self.count = count
    }

    public var isFirst: Bool { number == 0 }

    /// All customers.
    public static let whole = Lane(0, of: 1)
}
