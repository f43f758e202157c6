// SPDX-License-Identifier: Apache-2.0

import Notation

/// Plays one story: changes objects as Stripe does, and sends the events for it.
struct StripeModel {
    let story: History.Story
    let version: APIVersion
    let customer: String
    var random: SeededRandom
    var now: Timestamp
    private(set) var events: [JSON] = []
    var truth = Truth()
    /// What Stripe's API shows of it.
    var objects = StripeObjects()
    private var count = 0

    init(_ story: History.Story, customers: [String], start: Timestamp) {
        self.story = story
        random = SeededRandom(story.seed)
        version = APIVersion.allCases[Int(random.within(0...Int64(APIVersion.allCases.count - 1)))]
        customer = customers[Int(random.within(0...Int64(customers.count - 1)))]
        now = start + .seconds(random.within(0...(20 * 86_400)))
        keep(customer, "customer")
    }

    mutating func play() {
        switch story.kind {
        case .subscription: playSubscription()
        case .checkout: playCheckout()
        case .paymentIntent: playPaymentIntent()
        case .invoice: playInvoice()
        case .plan: playPlan()
        case .deletion: playDeletion()
        }
    }

    private mutating func playDeletion() {
        truth.deleted.insert(customer)
        keep(customer, "customer", ["deleted": true])
        send("customer.deleted", ["id": .string(customer), "object": "customer", "deleted": true])
    }

    // MARK: Tools

    mutating func send(_ type: String, _ object: [String: JSON], previous: [String: JSON]? = nil) {
        var data: [String: JSON] = ["object": .object(object)]
        if let previous { data["previous_attributes"] = .object(previous) }
        events.append([
            "id": .string("evt_\(String(story.seed, radix: 36))_\(events.count)"), "object": "event",
            "type": .string(type), "created": .integer(now.seconds), "livemode": true,
            "api_version": .string(version.rawValue), "data": .object(data), "pending_webhooks": 1,
        ])
    }

    mutating func pass(_ seconds: ClosedRange<Int64>) {
        now = now + .seconds(random.within(seconds))
    }

    mutating func newID(_ prefix: String) -> String {
        count += 1
        return "\(prefix)_\(String(story.seed, radix: 36))_\(count)"
    }

    /// A reference to another object: an id, or sometimes the object itself (expanded).
    mutating func reference(_ id: String?, _ kind: String) -> JSON {
        guard let id else { return .null }
        return random.one(in: 4) ? ["id": .string(id), "object": .string(kind)] : .string(id)
    }
}
