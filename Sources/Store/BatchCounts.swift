/// How many batches there were, and how many items in all of them.
public struct BatchCounts: Sendable, Equatable {
    public var batches: Int
    public var items: Int

    public init(batches: Int = 0, items: Int = 0) {
        self.batches = batches
        self.items = items
    }
}
