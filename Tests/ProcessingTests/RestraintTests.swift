import Store
import Synchronization
import TestSupport
import Testing

@testable import Processing

@Suite struct RestraintTests {
    @Test(arguments: [(0, 0), (0.5, 10), (0.75, 30), (1, 190), (1.5, 190)])
    func `a batch of 10 ms is followed by a rest that leaves the inbox its share`(_ share: Double, _ rest: Double) {
        #expect(Restraint.pause(after: .milliseconds(10), inboxShare: share, waited: .zero) == .milliseconds(rest))
    }

    @Test func `events that are due for 30 s are not kept waiting, and nobody rests for longer than a second`() {
        let took: Duration = .seconds(5)
        #expect(Restraint.pause(after: took, inboxShare: 1, waited: .seconds(29)) == .seconds(1))
        #expect(Restraint.pause(after: took, inboxShare: 1, waited: .seconds(30)) == .zero)
    }

    @Test func `the inbox is at work for as long as a delivery is on its way`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            #expect(pipeline.store.inbox.timeAtWork == .zero)
            let receipt = Mutex<Task<Receipt, any Error>?>(nil)
            try await TestDatabase.hold(pipeline.database.source) { connection in
                try connection.executeScript("LOCK TABLE tollgate.event_work")
            } while: {
                let delivery = Task { try await pipeline.receive(Events.checkout(id: "evt_1")) }
                receipt.withLock { $0 = delivery }
                try await eventually("half a second of work") { () -> Bool? in
                    pipeline.store.inbox.timeAtWork > .milliseconds(500) ? true : nil
                }
            }
            #expect(try await receipt.withLock(\.self)?.value == .accepted)
            let after = pipeline.store.inbox.timeAtWork
            #expect(after > .milliseconds(500))
            #expect(pipeline.store.inbox.timeAtWork == after)
        }
    }
}
