// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store
import TestSupport
import Testing

@testable import Processing

/// What a network between here and the database costs.
@Suite struct RoundTripTests {
    /// Picked, claimed with the price map, purchases, accounts, and saved with the commit.
    @Test(arguments: [(1, false), (40, false), (1, true), (40, true)])
    func `a batch waits for the database five times, however many events it holds`(
        _ count: Int,
        _ pays: Bool
    ) async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            let queue = pipeline.store.queue
            let worker = try await queue.register()
            let handler = BatchHandler(policy: Policy())
            func events(_ round: Int) -> [JSON] {
                (0..<count).map { n in
                    let (id, customer) = ("evt_\(round)_\(n)", "cus_\(n)")
                    return pays
                        ? Events.checkout(
                            id: id, customer: .string(customer), session: "cs_\(round)_\(n)",
                            paymentIntent: .string("pi_\(round)_\(n)"))
                        : Events.invoice("invoice.paid", id: id, customer: customer, invoice: "in_\(round)_\(n)")
                }
            }
            // The first has the statements prepared and the session opened.
            for round in 0..<2 {
                for event in events(round) { try await pipeline.receive(event) }
                let before = queue.roundTrips
                let results = try await queue.claim(atMost: 256, for: worker) { try handler.handle(&$0) }
                #expect(results?.count == count)
                #expect(results?.allSatisfy { $0.transition.target == .processed } == true)
                // Where claims are slow, the oldest event is looked for once more.
                if round > 0 { #expect((5...6).contains(queue.roundTrips - before)) }
            }
        }
    }
}
