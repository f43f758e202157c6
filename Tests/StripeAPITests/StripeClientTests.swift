// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe
import StripeAPI
import Telemetry
import TestSupport
import Testing

@Suite struct StripeClientTests {
    /// - Parameter body: gets the stand-in, a client, and another with twice its rate that shares the rest.
    private static func with(
        rate: Int, _ body: (StripeStandIn, StripeClient, StripeClient) async throws -> Void
    ) async throws {
        try await StripeStandIn.with(["objects": [["id": "cus_1", "object": "customer"]]]) { stripe in
            let metrics = PrometheusRegistry(help: Metric.help)
            let client = StripeClient(
                try APIKey(StripeStandIn.key), at: try #require(APIAddress(stripe.base)), rate: rate, metrics: metrics)
            do {
                try await body(stripe, client, client.sharing(rate: 2 * rate))
            } catch {
                try await client.close()
                throw error
            }
            let sent = try await stripe.requests().count
            let counts = metrics.render().split(separator: "\n").filter {
                $0.hasPrefix("tollgate_stripe_api_requests_total{")
            }
            #expect(counts.count == 4, "\(counts)")
            #expect(counts.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == sent)
            try await client.close()
        }
    }

    private static let request = StripeRequest.get("/v1/customers/cus_1")
    private static var once: StripeRequest {
        var request = request
        request.sendOnce()
        return request
    }

    private static func time(_ body: () async throws -> Void) async throws -> Duration {
        let began = ContinuousClock.now
        try await body()
        return began.duration(to: .now)
    }

    @Test func `each share of what a process asks has a budget of its own`() async throws {
        try await Self.with(rate: 1) { _, client, other in
            // A line of seven seconds at the least, which the others do not stand in.
            let line = Task {
                for _ in 0..<8 { _ = try await client.send(Self.request) }
                return ContinuousClock.now
            }
            _ = try await other.send(Self.request)
            #expect(try await Self.time { _ = try await other.send(Self.request) } > .milliseconds(300))
            let end = ContinuousClock.now
            #expect(try await end < line.value)
        }
    }

    @Test func `a pause that Stripe asks for holds for all shares`() async throws {
        try await Self.with(rate: 10) { stripe, client, other in
            try await stripe.fail(["path": "/v1", "times": 1, "status": 429, "headers": ["Retry-After": "2"]])
            await #expect(throws: StripeAPIError.limited(reason: "rate_limit")) { try await client.send(Self.once) }
            #expect(try await Self.time { _ = try await other.send(Self.once) } > .milliseconds(1500))
        }
    }

    @Test func `a Stripe that serves nothing is left alone by all shares`() async throws {
        try await Self.with(rate: 10) { stripe, client, other in
            try await stripe.fail(["path": "/v1", "status": 500])
            for _ in 0..<5 {
                await #expect(throws: StripeAPIError.unavailable("it answers 500")) { try await client.send(Self.once) }
            }
            await #expect(throws: StripeAPIError.unavailable("it did not serve the last requests")) {
                try await other.send(Self.once)
            }
            #expect(try await stripe.requests().count == 5)
        }
    }

    @Test func `a redirect is not followed, and is an outage`() async throws {
        try await Self.with(rate: 10) { stripe, client, other in
            try await stripe.fail(["path": "/v1/cus", "redirect": .string("\(stripe.base)/v1/events"), "times": 1])
            _ = try await client.send(Self.request)
            try await stripe.fail(["path": "/v1/cus", "redirect": .string("\(stripe.base)/v1/events")])
            for _ in 0..<5 {
                await #expect(throws: StripeAPIError.unavailable("it answers 302")) { try await client.send(Self.once) }
            }
            await #expect(throws: StripeAPIError.notAsked) { try await other.send(Self.once) }
            let paths = try await stripe.requests().map { $0["path"]?.string }
            #expect(paths == Array(repeating: "/v1/customers/cus_1", count: 7))
        }
    }

    @Test func `an answer that does not end in time is none`() async throws {
        try await StripeStandIn.with(["objects": []]) { stripe in
            let client = StripeClient(
                try APIKey(StripeStandIn.key), at: try #require(APIAddress(stripe.base)), timeLimit: .seconds(1),
                metrics: PrometheusRegistry(help: Metric.help))
            try await stripe.fail(["path": "/v1", "times": 1, "stall": 20])
            let took = try await Self.time {
                await #expect(throws: StripeAPIError.unavailable("it did not answer in 1 s")) {
                    try await client.send(Self.once)
                }
            }
            #expect(took < .seconds(10))
            try await client.close()
        }
    }
}
