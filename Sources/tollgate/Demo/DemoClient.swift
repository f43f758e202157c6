// SPDX-License-Identifier: Apache-2.0

import API
import Console
import NIOHTTP1
import Notation
import Stripe

/// What the story does to a Tollgate: posts as Stripe, reads as a gateway, acts as an operator.
struct DemoClient {
    let stripe: ServiceClient
    let gateway: ServiceClient
    let admin: ServiceClient
    let secret: WebhookSecret

    /// - Returns: nil while the customer is unknown.
    func access(of customer: String) async throws -> JSON? {
        let answer = try await gateway.send(.GET, AccessAPI.show.target(Object { $0.customer = customer }))
        return answer.status == 404 ? nil : try JSON(bytes: Array(answer.body.utf8))
    }

    /// As a gateway.
    func ask(_ method: String, _ target: String, _ body: JSON?) async throws -> JSON {
        let headers = body == nil ? [] : [("Content-Type", "application/json")]
        let answer = try await gateway.send(HTTPMethod(rawValue: method), target, headers: headers, body: body?.bytes)
        guard answer.isSuccess else {
            throw DemoStory.Failure(description: "\(target): \(answer.status) \(answer.body)")
        }
        return try JSON(bytes: Array(answer.body.utf8))
    }

    /// Those that Tollgate brings along.
    func approveShippedRates() async throws {
        _ = try await admin.call(RatesAPI.approve) { $0.id = "rtd_00000000000000000000000000000001" }
    }

    func event(_ id: String) async throws -> Object<EventsAPI.Detail> {
        try await admin.call(EventsAPI.show) { $0.id = id }
    }

    /// Posts an event as Stripe would, and waits until it has ended.
    func post(_ event: JSON, expecting outcome: String = "accepted", ending status: String = "processed") async throws {
        let body = event.bytes
        let answer = try await stripe.send(
            .POST,
            WebhookAPI.deliver.endpoint.path,
            headers: [("Stripe-Signature", try secret.sign(body: body, at: WallClock.now))],
            body: body
        )
        let received = try JSON(bytes: Array(answer.body.utf8))
        guard answer.status == 200, received["outcome"]?.string == outcome else {
            throw DemoStory.Failure(description: "\(answer.status) \(answer.body) where \(outcome) was expected")
        }
        try await wait("the event's end") {
            try await self.event(event["id"]?.string ?? "").status == status
        }
    }

    func replay(_ id: String, ending status: String, attempts: Int64) async throws {
        _ = try await admin.call(EventsAPI.replay) { $0.id = id }
        try await wait("the replay's end") {
            let event = try await self.event(id)
            return event.status == status && event.attempts == attempts
        }
    }

    func grant(_ amount: Int64, to customer: String, reason: String, key: String) async throws {
        let grant = Object<CustomersAPI.GrantRequest> {
            $0.amount = amount
            $0.reason = reason
        }
        _ = try await admin.call(CustomersAPI.grant, body: grant) {
            $0.customer = customer
            $0.idempotencyKey = key
        }
    }

    func waitUntil(_ customer: String, is reason: String) async throws {
        try await wait("\(reason)") { try await self.access(of: customer)?["reason"]?.string == reason }
    }

    private func wait(_ what: String, until isReached: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try await !isReached() {
            guard ContinuousClock.now < end else { throw DemoStory.Failure(description: "\(what) never came") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
