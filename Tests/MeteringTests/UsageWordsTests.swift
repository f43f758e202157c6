// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Metering

/// What customers read instead of tokens.
@Suite struct UsageWordsTests {
    @Test(arguments: [
        (Int64(1), "less than half a page"), (249, "less than half a page"), (250, "about 1 page"),
        (749, "about 1 page"), (750, "about 2 pages"), (49_500, "about 99 pages"), (51_000, "about 100 pages"),
        (100_000, "about 200 pages"), (102_400, "about 210 pages"), (12_345_678, "about 25000 pages"),
        (.max, "about 18000000000000000 pages"),
    ])
    func `tokens are pages, to two digits`(_ tokens: Int64, _ words: String) {
        #expect(UsageWords.pages(tokens) == words)
    }

    @Test(
        arguments: [
            ([:], ""), ([.input: 0, .output: 0], ""),
            ([.input: 100_000, .output: 600], "about 200 pages read; about 1 page written"),
            (
                [.input: 10_000, .cacheRead: 90_000, .cacheWrite1h: 1_000, .cacheWrite5m: 1_500],
                "about 210 pages read, about 180 pages of that from the cache; about 5 pages put into the cache"
            ),
            ([.cacheRead: 5_000], "about 10 pages read, all of it from the cache"),
            ([.webSearch: 1], "1 web search"),
            (
                [.unit("image"): 2, .webSearch: 3, .unit("audio.minute"): 1],
                "3 web searches; 1 × audio.minute; 2 × image"
            ),
        ] as [([Pool: Int64], String)])
    func `what was used is told by what it was for`(_ pools: [Pool: Int64], _ words: String) {
        #expect(UsageWords.used(pools) == words)
    }

    @Test(arguments: [
        (UsageRecord.Status.ok, Plan.Bill.credits, "1", "about 2 pages read"),
        (.ok, .credits, "0", "about 2 pages read; free of charge"),
        (.ok, .meter, "1", "about 2 pages read"), (.ok, .none, "1", "about 2 pages read; not billed"),
        (.failed, .credits, "0", "failed, and was free; about 2 pages read"),
        (.failed, .credits, "1", "failed: what it had read is charged; about 2 pages read"),
        (.aborted, .credits, "1", "broken off: what it had used is charged; about 2 pages read"),
        (.aborted, .credits, "0", "broken off, and was free; about 2 pages read"),
        (.refused, .meter, "0", "refused by the model, and was free; about 2 pages read"),
        (.refused, .meter, "1", "refused by the model after a part of the answer; about 2 pages read"),
    ])
    func `a call says how it ended, and what that means for its customer`(
        _ status: UsageRecord.Status, _ bill: Plan.Bill, _ charge: String, _ words: String
    ) throws {
        let charge = try #require(Dollars(charge))
        #expect(UsageWords.call([.input: 1_000], status: status, bill: bill, charge: charge) == words)
    }

    @Test func `a call without anything says so`() {
        #expect(UsageWords.call([:], status: .ok, bill: .credits, charge: .zero) == "nothing was used")
        #expect(UsageWords.call([:], status: .failed, bill: .credits, charge: .zero) == "failed, and was free")
    }
}
