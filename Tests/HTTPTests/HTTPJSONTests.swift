// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import HTTP

@Suite struct HTTPJSONTests {
    private static let fields: Set = ["allowed", "reason", "amount"]

    private func decode(_ body: ByteBuffer) throws(ProblemDetails) -> BodyObject {
        try BodyObject(body, fields: Self.fields)
    }

    private func problem(_ body: ByteBuffer) -> ProblemDetails? {
        do throws(ProblemDetails) {
            _ = try decode(body)
            return nil
        } catch {
            return error
        }
    }

    @Test("what is known is read")
    func decoded() throws {
        let body = try decode(ByteBuffer(string: #" {"allowed": true, "reason": "é", "amount": null} "#))
        #expect(body.members == ["allowed": true, "reason": "é", "amount": .null])
    }

    @Test(
        "what is wrong is 400 and named",
        arguments: [
            (#"{"allowed":true,"reason":"","untill":1}"#, "unknown_field", "`untill`"),
            (#"{"allowed":true,"reason":"","":1}"#, "unknown_field", "``"),
            (#"{"Allowed":true,"reason":""}"#, "unknown_field", "`Allowed`"),
            ("", "invalid_json", "empty"), ("nonsense", "invalid_json", "not JSON"),
            (#"{"allowed":true"#, "invalid_json", "not JSON"), ("[]", "invalid_json", "must be a JSON object"),
            ("null", "invalid_json", "must be a JSON object"), ("7", "invalid_json", "must be a JSON object"),
            (#"{"allowed":true,"reason":"\ud800"}"#, "invalid_json", "not JSON"),
            (#"{"allowed":true,"reason":"",}"#, "invalid_json", "not JSON"),
            (#"{"allowed":false,"reason":"","allowed":true}"#, "duplicate_field", "`allowed`"),
            (#"{"allowed":true,"reason":"","amount":5,"\u0061mount":null}"#, "duplicate_field", "`amount`"),
            (#"{"allowed":true,"reason":{"a":[{"b":1,"b":1}]}}"#, "duplicate_field", "`b`"),
            (#"{"x":1,"x":1}"#, "duplicate_field", "`x`"),
        ]
    )
    func refused(_ body: String, _ code: String, _ detail: String) {
        let problem = problem(ByteBuffer(string: body))
        #expect(problem?.status.code == 400)
        #expect(problem?.code == code)
        #expect(problem?.detail.contains(detail) == true)
    }

    @Test("strange bytes and hostile depth are refused, not fatal")
    func strange() {
        for text in ["[", "{\"a\":", "{\"reason\":["] {
            let deep = String(repeating: text, count: 64 * 1024 / text.utf8.count)
            #expect(problem(ByteBuffer(string: deep))?.status.code == 400)
        }
        for bytes: [UInt8] in [[0xFF, 0xFE], [0x7B, 0xFF, 0x7D], [0xEF, 0xBB, 0xBF], [0], [0x22, 0xC3, 0x22]] {
            #expect(problem(ByteBuffer(bytes: bytes))?.status.code == 400)
        }
    }

    @Test("a route decodes up to 64 KiB")
    func route() async throws {
        let routes = { (table: RouteTable) in
            _ = table.put("/override") { request, _ in
                let body = try await request.bodyObject(BodyLimit(bytes: 64 * 1024), fields: Self.fields)
                return body?.members["reason"]?.string ?? ""
            }
        }
        try await HTTPListenerFixture.with(routes: routes) { listener in
            let good = try await listener.request("PUT /override", body: #"{"allowed":true,"reason":"because"}"#)
            #expect(good.body == "because")
            let unknown = try await listener.request("PUT /override", body: #"{"x":1}"#)
            #expect(try unknown.problem.code == "unknown_field")
            let large = String(repeating: " ", count: 64 * 1024 + 1)
            #expect(try await listener.request("PUT /override", body: large).status == 413)
        }
    }
}
