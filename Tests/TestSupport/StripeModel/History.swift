// SPDX-License-Identifier: Apache-2.0

import Notation

/// A random history of a few customers at Stripe: the events that Stripe would send, in order, and the truth that a
/// receiver must reach, in whatever order and however often they arrive.
package struct History: Sendable {
    /// One part of it. Stories are independent, and a shorter one is the beginning of a longer one, so that a failing
    /// history can be made smaller.
    package struct Story: Sendable, CustomStringConvertible {
        package enum Kind: String, Sendable, CaseIterable {
            case subscription, checkout, paymentIntent, invoice, plan, deletion
        }

        package let kind: Kind
        package let seed: UInt64
        /// Its length.
        package let steps: Int
        /// Whether the endpoint gets every event, so that none tells less than the objects do.
        package var isComplete = false

        package var description: String { "\(kind) seed \(seed), \(steps) steps" }
    }

    package let stories: [Story]
    package private(set) var events: [JSON] = []
    package private(set) var truth = Truth()
    package private(set) var objects = StripeObjects()

    package let customers: [String]
    private let start: Timestamp
    /// How many credits one unit of a price buys.
    package static let prices: [String: Int64] = ["price_credits": 100, "gold.plan-v1": 25, "price_parts": 30]
    /// The unit amount of prices whose parts sell credits in proportion.
    package static let unitAmounts: [String: Int64] = ["price_parts": 1_000]

    private init(_ stories: [Story], customers: [String], start: Timestamp) {
        self.stories = stories
        self.customers = customers
        self.start = start
        for story in stories {
            var model = StripeModel(story, customers: customers, start: start)
            model.play()
            events += model.events
            truth.merge(model.truth)
            objects.merge(model.objects)
        }
    }

    /// - Parameters:
    ///   - isComplete: whether the endpoint gets every event.
    ///   - start: when it begins; it goes on for some months.
    package init(
        seed: UInt64, isComplete: Bool = false, customers: [String] = ["cus_1", "cus_2"],
        start: Timestamp = Events.midnight
    ) {
        var random = SeededRandom(seed)
        let count = Int(random.within(1...4))
        let stories = (0..<count).map { _ in
            // Mostly subscriptions; few deletions, since they end everything.
            let kind = random.pick(
                Story.Kind.subscription, .subscription, .subscription, .checkout, .checkout, .paymentIntent,
                .paymentIntent, .invoice, .invoice, .plan, .plan, random.one(in: 3) ? .deletion : .checkout)
            return Story(
                kind: kind, seed: random.next(), steps: Int(random.within(1...12)), isComplete: isComplete)
        }
        self.init(stories, customers: customers, start: start)
    }

    /// Histories with less in them, to find what a failure needs.
    package var smaller: [History] {
        stories.indices.map { index in
            var rest = stories
            rest.remove(at: index)
            return History(rest, customers: customers, start: start)
        }
            + stories.indices.filter { stories[$0].steps > 0 }.map { index in
                var shorter = stories
                let story = stories[index]
                shorter[index] = Story(
                    kind: story.kind, seed: story.seed, steps: story.steps - 1, isComplete: story.isComplete)
                return History(shorter, customers: customers, start: start)
            }
    }
}
