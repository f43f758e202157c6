// SPDX-License-Identifier: Apache-2.0

import Store
import Stripe
import Synchronization
import TestSupport
import Testing

@testable import Processing

@Suite struct IngestPriorityTests {
    @Test(arguments: [(0, 0), (1, 0.67), (4, 3.33), (8, 10), (16, 190), (64, 190)])
    func `the more arrives, the longer a worker rests after a batch of 10 ms`(_ arrivals: Double, _ rest: Double) {
        let pause = IngestPriority.pause(after: .milliseconds(10), arrivals: arrivals, waited: .zero)
        #expect(abs(pause / .milliseconds(1) - rest) < 0.01)
    }

    @Test(arguments: [(0, 190), (3, 190), (15, 30), (30, 0), (3600, 0)])
    func `the longer events have waited, the less it rests`(_ seconds: Int, _ rest: Double) {
        let pause = IngestPriority.pause(after: .milliseconds(10), arrivals: 64, waited: .seconds(seconds))
        #expect(abs(pause / .milliseconds(1) - rest) < 0.01)
    }

    @Test func `no rest is longer than a second`() {
        #expect(IngestPriority.pause(after: .seconds(5), arrivals: 64, waited: .zero) == .seconds(1))
    }

    @Test func `what arrives during one batch is counted as the next`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            #expect(pipeline.store.inbox.written == BatchCounts())
            let receipts = Mutex<[Result<Receipt, Inbox.Unavailable>]>([])
            try await TestDatabase.hold(pipeline.database.source) { connection in
                try connection.executeScript("LOCK TABLE tollgate.event_work")
            } while: {
                for number in 1...6 {
                    let payload = Events.checkout(id: "evt_\(number)").bytes
                    let delivery = Delivery(event: try Event.Envelope(payload: payload), payload: payload)
                    pipeline.store.inbox.receive(delivery, by: .now + .seconds(60)) { receipt in
                        receipts.withLock { $0.append(receipt) }
                    }
                    try await eventually("the first batch") { () -> Bool? in
                        pipeline.store.inbox.written == BatchCounts(batches: 1, items: 1) ? true : nil
                    }
                }
            }
            try await eventually("all receipts") { () -> Bool? in receipts.withLock(\.count) == 6 ? true : nil }
            #expect(receipts.withLock(\.self) == Array(repeating: .success(.accepted), count: 6))
            #expect(pipeline.store.inbox.written == BatchCounts(batches: 2, items: 6))
        }
    }
}
