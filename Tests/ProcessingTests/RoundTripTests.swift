// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Processing
@testable import Store

/// How often a batch waits for the database: the network determines what each round trip costs.
@Suite struct RoundTripTests {
    /// Pick, claim with the price map, load purchases, load accounts, save with the commit.
    @Test(arguments: [(1, false), (40, false), (1, true), (40, true)])
    func `a batch waits for the database five times, however many events it holds`(
        _ count: Int,
        _ pays: Bool
    ) async throws {
        // No claim counts as slow: the oldest event is never looked up.
        let floor = ClaimFloor(slow: .seconds(86_400))
        #expect(try await Self.roundTrips(of: 3, floor, eventsEach: count, pays) == [5, 5, 5])
    }

    @Test func `where claims are slow the oldest event is looked for once, and for a while the next ones begin there`()
        async throws
    {
        let floor = ClaimFloor(lifetime: .seconds(86_400), slow: .zero)
        #expect(try await Self.roundTrips(of: 4, floor, eventsEach: 2, true) == [5, 6, 5, 5])
    }

    /// - Returns: how often each batch, one after the other, waited for the database.
    private static func roundTrips(
        of batches: Int,
        _ floor: ClaimFloor,
        eventsEach count: Int,
        _ pays: Bool
    ) async throws -> [Int] {
        var roundTrips: [Int] = []
        try await Pipeline.with(workers: 0) { pipeline in
            var queue = pipeline.store.queue
            queue.floor = SharedClaimFloor(floor)
            let worker = try await queue.register()
            let handler = BatchHandler(policy: Policy())
            for batch in 0..<batches {
                for event in events(count, of: batch, pays) { try await pipeline.receive(event) }
                let before = queue.roundTrips
                let results = try await queue.claim(atMost: 256, for: worker) { try handler.handle(&$0) }
                #expect(results?.count == count)
                #expect(results?.allSatisfy { $0.transition.target == .processed } == true)
                roundTrips.append(queue.roundTrips - before)
            }
        }
        return roundTrips
    }

    private static func events(_ count: Int, of batch: Int, _ pays: Bool) -> [JSON] {
        (0..<count).map { n in
            let (id, customer) = ("evt_\(batch)_\(n)", "cus_\(n)")
            return pays
                ? Events.checkout(
                    id: id, customer: .string(customer), session: "cs_\(batch)_\(n)",
                    paymentIntent: .string("pi_\(batch)_\(n)"))
                : Events.invoice("invoice.paid", id: id, customer: customer, invoice: "in_\(batch)_\(n)")
        }
    }
}
