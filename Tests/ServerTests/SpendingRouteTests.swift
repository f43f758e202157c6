// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import NIOCore
import Notation
import TestSupport
import Testing

@testable import Server

/// The routes that spend read and write by hand: what they read and write is what the contract's types would.
@Suite struct SpendingRouteTests {
    /// Bodies of a request for a hold, right and wrong in one or more of their members.
    private static func body(_ random: inout SeededRandom) -> String {
        func one(_ values: [String]) -> String { values.randomElement(using: &random) ?? "" }
        var members: [String] = []
        if Int.random(in: 0..<8, using: &random) > 0 {
            members.append(
                "\"amount\":"
                    + one(["1", "5", "40", "1000000000000000", "0", "-1", "5.0", "5.5", "1e2", "\"5\"", "null"]))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            members.append(
                one([
                    "\"minimum\":1", "\"minimum\":41", "\"minimum\":null", "\"minimum\":0", "\"ttl\":\"10m\"",
                    "\"ttl\":\"86400s\"", "\"ttl\":\"1d\"", "\"ttl\":\"0s\"", "\"ttl\":\"2d\"", "\"ttl\":\"01m\"",
                    "\"ttl\":600",
                    "\"ttl\":null", "\"on_expiry\":\"settle\"", "\"on_expiry\":\"release\"", "\"on_expiry\":\"keep\"",
                    "\"metadata\":{\"a\":\"b\"}", "\"metadata\":{\"a\":1}", "\"metadata\":{}", "\"amount\":7",
                    "\"x\":1",
                    "\"\\u0061mount\":3", "\"t\\u0074l\":\"5s\"",
                ]))
        }
        members.shuffle(using: &random)
        return one(["{", " { ", "["].prefix(members.isEmpty ? 3 : 2).map(\.self)) + members.joined(separator: ",")
            + one(["}", "}", "} ", ""])
    }

    /// What the contract's types make of a body.
    private static func expected(_ body: String) -> Result<Object<HoldsAPI.Request>, ProblemDetails> {
        Result { () throws(ProblemDetails) in
            let object = try BodyObject(ByteBuffer(string: body), fields: HoldsAPI.Request.form.names)
            let wanted: Object<HoldsAPI.Request> = try RequestReader.object(object)
            guard let amount = wanted.amount else {
                throw ProblemDetails(.missingField, "One of `amount` and `estimate` is missing.")
            }
            if let minimum = wanted.minimum, minimum > amount {
                throw ProblemDetails(.invalidField, "The field `minimum` must be at most `amount`.")
            }
            return wanted
        }
    }

    @Test func `whatever a body says, it is read as by the contract's types`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(1_000_000)
            var random = SeededRandom(7)
            var made = 0
            for number in 0..<500 {
                let body = Self.body(&random)
                let answer = try await server.hold("h\(number)", body)
                switch Self.expected(body) {
                case .failure(let problem):
                    #expect(try answer.json["detail"]?.string == problem.detail, "\(body)")
                    #expect(answer.summary == "\(problem.status.code) \(problem.code)", "\(body)")
                case .success(let wanted) where wanted.minimum ?? wanted.amount ?? 0 > 900_000:
                    #expect(answer.summary == "402 insufficient_credits", "\(body)")
                case .success(let wanted):
                    #expect(answer.status == 201, "\(body): \(answer.text)")
                    let hold = try await server.hold("h\(number)")
                    #expect(hold["amount"]?.integer == wanted.amount, "\(body)")
                    #expect(hold["minimum"]?.integer == wanted.minimum ?? wanted.amount, "\(body)")
                    #expect(hold["on_expiry"]?.string == wanted.onExpiry?.rawValue ?? "release", "\(body)")
                    let (start, end) = (hold["created_at"]?.string, hold["expires_at"]?.string)
                    let ttl = wanted.ttl ?? .seconds(600)
                    #expect(
                        start.flatMap(Timestamp.init(rfc3339:)).map { $0 + ttl }
                            == end.flatMap(Timestamp.init(rfc3339:)))
                    #expect(hold["metadata"]?.object?.count == wanted.metadata?.count ?? 0, "\(body)")
                    made += 1
                    #expect(try await server.release("h\(number)").status == 200)
                }
            }
            #expect((50..<450).contains(made))
        }
    }

    @Test func `a target, a header or a method is refused as at every other route`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let path = "/v1/customers/cus_1/holds/h1"
            let rows: [(String, method: String, path: String, headers: [(String, String)])] = [
                ("400 unknown_parameter", "PUT", "\(path)?ttl=5s", []), ("400 invalid_id", "PUT", "\(path)%20", []),
                ("400 invalid_id", "PUT", "/v1/customers/cus.1/holds/h1", []),
                ("400 invalid_id", "PUT", "/v1/customers/cus_1/holds/" + String(repeating: "x", count: 256), []),
                ("415 unsupported_content_encoding", "PUT", path, [("Content-Encoding", "gzip")]),
                ("405 method_not_allowed", "POST", path, []), ("405 method_not_allowed", "DELETE", path, []),
                ("405 method_not_allowed", "GET", "\(path)/settle", []),
                ("404 not_found", "PUT", "\(path)/x", []),
            ]
            for row in rows {
                let answer = try await server.inside(
                    row.method, row.path, token: ServerFixture.gatewayToken, headers: row.headers,
                    body: #"{"amount":5}"#)
                #expect(answer.summary == row.0, "\(row.method) \(row.path)")
            }
            let wrong = try await server.gateway("POST", path, body: "{}")
            #expect(wrong.headers["allow"] == "GET, HEAD, PUT")
            #expect(
                try await server.gateway("PUT", "//v1//customers/cus%5F1/holds/h1/?", body: #"{"amount":5}"#).status
                    == 201)
            #expect(try await server.hold("h1")["granted"]?.integer == 5)
        }
    }

    @Test(arguments: Hold.Status.allCases)
    func `a hold is written as the contract's types write it`(_ status: Hold.Status) {
        var random = SeededRandom(11)
        for _ in 0..<200 {
            func number() -> Int64 { Int64.random(in: -1_000_000_000_000_000...1_000_000_000_000_000, using: &random) }
            func time() -> Timestamp {
                Timestamp(microseconds: Int64.random(in: 0...4_000_000_000_000_000, using: &random))
            }
            let settlement =
                status == .settled
                ? Hold.Settlement(
                    debited: abs(number()), released: abs(number()), isLate: Bool.random(using: &random),
                    credits: number(),
                    available: number()) : nil
            let hold = Hold(
                id: "h-\(number().magnitude)_", terms: Hold.Terms(amount: 5), granted: abs(number()), parts: [],
                available: number(), createdAt: time(), expiresAt: time(), status: status, settlement: settlement)
            for credits in [nil, number()] {
                let available = number()
                let bytes = HoldDocument.bytes(hold, of: "cus_1", credits: credits, available: available)
                let document = HoldDocument.hold(hold, of: "cus_1", credits: credits, available: available)
                #expect(bytes == document.json.bytes)
            }
        }
    }

    @Test func `a debit is written as the contract's types write it`() throws {
        let debit = Debit(
            id: "d_1", terms: Debit.Terms(amount: 7), credits: .min, available: -3,
            createdAt: Timestamp(microseconds: 1_700_000_000_123_456))
        let bytes = DebitDocument.bytes(debit, of: "cus_1")
        let document = try Object<DebitsAPI.Debit>(reading: JSON(bytes: bytes))
        #expect(document.json.bytes == bytes)
        #expect(document.debit == "d_1" && document.customer == "cus_1" && document.amount == 7)
        #expect(document.credits == .min && document.available == -3 && document.createdAt == debit.createdAt)
    }
}
