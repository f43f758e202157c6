import Store
import Synchronization
import TestSupport
import Testing

@testable import Processing

@Suite struct RestraintTests {
    @Test(arguments: [(0, 0), (1, 0.67), (4, 3.33), (8, 10), (16, 190), (64, 190)])
    func `the more arrives, the longer a worker rests after a batch of 10 ms`(_ arrivals: Double, _ rest: Double) {
        let pause = Restraint.pause(after: .milliseconds(10), arrivals: arrivals, waited: .zero)
        #expect(abs(pause / .milliseconds(1) - rest) < 0.01)
    }

    @Test(arguments: [(0, 190), (3, 190), (15, 30), (30, 0), (3600, 0)])
    func `the longer events have waited, the less it rests`(_ seconds: Int, _ rest: Double) {
        let pause = Restraint.pause(after: .milliseconds(10), arrivals: 64, waited: .seconds(seconds))
        #expect(abs(pause / .milliseconds(1) - rest) < 0.01)
    }

    @Test func `no rest is longer than a second`() {
        #expect(Restraint.pause(after: .seconds(5), arrivals: 64, waited: .zero) == .seconds(1))
    }

    @Test func `what arrives during one batch is counted as the next`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            #expect(pipeline.store.inbox.taken == (0, 0))
            let receipts = Mutex<[Task<Receipt, any Error>]>([])
            try await TestDatabase.hold(pipeline.database.source) { connection in
                try connection.executeScript("LOCK TABLE tollgate.event_work")
            } while: {
                for number in 1...6 {
                    let receipt = Task { try await pipeline.receive(Events.checkout(id: "evt_\(number)")) }
                    receipts.withLock { $0.append(receipt) }
                    try await eventually("the first batch") { () -> Bool? in
                        pipeline.store.inbox.taken == (1, 1) ? true : nil
                    }
                }
            }
            for receipt in receipts.withLock(\.self) { #expect(try await receipt.value == .accepted) }
            let taken = pipeline.store.inbox.taken
            #expect(taken.events == 6)
            #expect((2...3).contains(taken.batches))
        }
    }
}
