// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Notation
import Stripe
import TestSupport
import Testing

@testable import EventForge

@Suite struct EventGeneratorTests {
    private static let secret = "whsec_e2e8f1b2c3d4e5f60718293a4b5c6d7e"

    private struct Request {
        let signature: String
        let body: [UInt8]
    }

    /// This many requests, as they would be sent.
    private func requests(_ kinds: [(type: String, credits: Int64?)], _ count: Int, customers: Int) throws -> [Request]
    {
        let templates = kinds.map { kind in
            RequestTemplate(
                kind.type, credits: kind.credits, creditsKey: "credits", created: Timestamp.now - .seconds(15 * 86_400),
                livemode: false,
                path: "/webhooks/stripe", authority: "127.0.0.1:8080")
        }
        let secret = try WebhookSecret(value: Self.secret)
        var queue = SignedEventQueue(try EventGenerator(templates, secret: secret, customers: customers, total: count))
        try queue.add(count)
        var requests: [Request] = []
        var buffer = ByteBuffer()
        while try queue.next(into: &buffer) {
            let text = String(buffer: buffer)
            let parts = text.components(separatedBy: "\r\n\r\n")
            #expect(parts.count == 2)
            #expect(parts[0].hasPrefix("POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"))
            #expect(parts[0].contains("\r\nContent-Length: \(parts[1].utf8.count)\r\n"))
            let signature = try #require(parts[0].components(separatedBy: "Stripe-Signature: ").last)
            requests.append(Request(signature: signature, body: Array(parts[1].utf8)))
            buffer.clear()
        }
        return requests
    }

    @Test func `every event is signed, new, and of a customer whose turn it is`() throws {
        let requests = try requests([("customer.subscription.updated", nil)], 200, customers: 100)
        let verifier = try SignatureVerifier(secrets: [WebhookSecret(value: Self.secret)])
        var (ids, customers): (Set<String>, [String: Int]) = ([], [:])
        for request in requests {
            _ = try verifier.verify(header: request.signature, body: request.body, at: Timestamp.now)
            let event = try JSON(bytes: request.body)
            ids.insert(try #require(event["id"]?.string))
            let customer = try #require(event.at("data.object.customer")?.string)
            customers[customer, default: 0] += 1
            #expect(event.at("data.object.id")?.string == "sub_\(customer.dropFirst(4))")
            let created = try #require(event["created"]?.integer)
            #expect((Timestamp.now.seconds - 30 * 86_400 - 60...Timestamp.now.seconds).contains(created))
        }
        #expect(ids.count == 200)
        #expect(customers.count == 100)
        #expect(Set(customers.values) == [2])
        #expect(customers["cus_bench00000001"] != nil && customers["cus_bench00000100"] != nil)
    }

    @Test func `events of one story are about one payment of one customer`() throws {
        let events = try requests(EventGenerator.story, 600, customers: 7).map { try JSON(bytes: $0.body) }
        let payments = Dictionary(grouping: events.filter { $0.at("data.object.object") != "subscription" }) { event in
            let object = event.at("data.object")
            let id = object?["payment_intent"]?.string ?? object?["id"]?.string ?? ""
            return String(id.suffix(24))
        }
        #expect(payments.count == 100)
        for story in payments.values {
            #expect(Set(story.compactMap { $0["type"]?.string }).count == 5)
            #expect(Set(story.compactMap { $0.at("data.object.customer")?.string }).count == 1)
        }
    }
}
