// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Billing
import EventReading
import Foundation
import NIOCore
import Stripe
import TestSupport
import Testing

extension FaultTests {
    /// Random bytes. A seed that fails is printed with its bytes.
    @Suite struct NoiseFaults {
        @Test(arguments: [UInt64(1), 2])
        func `no bytes stop the signature parser, the decoder or the rules`(_ seed: UInt64) async throws {
            var random = SeededRandom(seed)
            let verifier = try SignatureVerifier(secrets: [try WebhookSecret(value: FaultServer.secret)])
            let samples = History(seed: seed).events.map(\.bytes)
            for round in 0..<500_000 {
                if round % 1000 == 0 { await Task.yield() }
                let kind = round % 25
                let body =
                    kind == 0 ? Noise.mutated(samples, &random) : kind < 5 ? Noise.json(&random) : Noise.bytes(&random)
                let header = String(decoding: Noise.header(&random), as: UTF8.self)
                #expect(throws: SignatureError.self) {
                    try verifier.verify(header: header, body: body, at: Events.midnight)
                }
                guard let event = try? Event(payload: body) else { continue }
                _ = try? Interpretation(
                    event, policy: Policy(), prices: History.prices.mapValues { Price(credits: $0) })
            }
        }

        @Test func `20,000 signed bodies of noise are answered, and each ends`() async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let statuses = try await withThrowingTaskGroup(of: [UInt: Int].self) { group in
                        for sender in UInt64(0)..<8 {
                            group.addTask { try await post(2500, seed: sender, to: server.port) }
                        }
                        return try await group.reduce(into: [UInt: Int]()) { $0.merge($1, uniquingKeysWith: +) }
                    }
                    #expect(statuses.keys.allSatisfy { $0 < 500 }, "\(statuses)")
                    #expect(statuses[200, default: 0] == 20_000, "\(statuses)")
                    try await eventually("the end of all events", within: .seconds(180)) { () -> Bool? in
                        let pending = try await cluster.query { connection in
                            try connection.execute("SELECT count(*) FROM tollgate.event_work WHERE status = 'pending'")
                                .first?
                                .decode(Int.self) ?? 0
                        }
                        return pending == 0 ? true : nil
                    }
                }
            }
        }

        private func post(_ count: Int, seed: UInt64, to port: Int) async throws -> [UInt: Int] {
            var random = SeededRandom(seed + 100)
            let secret = try WebhookSecret(value: FaultServer.secret)
            let samples = History(seed: seed).events.map(\.bytes)
            var statuses: [UInt: Int] = [:]
            for round in 0..<count {
                let body = round % 2 == 0 ? Noise.mutated(samples, &random) : Noise.json(&random)
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/webhooks/stripe")
                request.method = .POST
                request.headers.add(name: "Stripe-Signature", value: try secret.sign(body: body, at: .now))
                request.body = .bytes(ByteBuffer(bytes: body))
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                _ = try await response.body.collect(upTo: 1 << 20)
                statuses[response.status.code, default: 0] += 1
            }
            return statuses
        }
    }
}

/// Random input.
private enum Noise {
    static func bytes(_ random: inout SeededRandom) -> [UInt8] {
        (0..<random.within(0...48)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    static func header(_ random: inout SeededRandom) -> [UInt8] {
        let words = ["t=", "v1=", "v0=", ",", "=", "1795478400", "a0", " ", "\t", "t", "9999999999999999999", "-", "ü"]
        return (0..<random.within(0...12)).flatMap { _ in
            random.one(in: 6) ? bytes(&random) : Array(words[Int(random.within(0...Int64(words.count - 1)))].utf8)
        }
    }

    static func json(_ random: inout SeededRandom, depth: Int = 0) -> [UInt8] {
        let scalars = [
            "null", "true", "0", "-1", "1e9", "9223372036854775808", "\"\"", "\"evt_1\"", "\"invoice.paid\"",
            "\"event\"",
            "1795478400", "\"\\u0000\"", "\"\\ud800\"", "0.1",
        ]
        let keys = ["id", "object", "type", "created", "livemode", "data", "customer", "lines", "metadata", "credits"]
        guard depth < 5, !random.one(in: 3) else {
            return Array(scalars[Int(random.within(0...Int64(scalars.count - 1)))].utf8)
        }
        let isObject = random.one(in: 2)
        var text: [UInt8] = Array((isObject ? "{" : "[").utf8)
        for index in 0..<random.within(0...4) {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            if isObject { text += Array("\"\(keys[Int(random.within(0...9))])\":".utf8) }
            text += json(&random, depth: depth + 1)
        }
        return text + Array((isObject ? "}" : "]").utf8)
    }

    static func mutated(_ samples: [[UInt8]], _ random: inout SeededRandom) -> [UInt8] {
        var body = samples.randomElement(using: &random) ?? []
        for _ in 0...random.within(0...3) where !body.isEmpty {
            let place = Int(random.within(0...Int64(body.count - 1)))
            switch random.within(0...3) {
            case 0: body[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: body.insert(contentsOf: json(&random, depth: 4), at: place)
            case 2: body.removeSubrange(place..<min(body.count, place + Int(random.within(0...8))))
            default: body.insert(contentsOf: body[place..<min(body.count, place + 30)], at: place)
            }
        }
        return body
    }
}
