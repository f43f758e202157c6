// SPDX-License-Identifier: Apache-2.0

import HTTP
import NIOCore
import Testing

@testable import API
@testable import Server

/// Bodies are checked against the declared content.
@Suite struct RequestReaderTests {
    private struct Override: ObjectContent {
        static let form = ObjectForm("Override", Override())

        let allowed = Property("allowed", .bool)
        let reason = Property("reason", .string)
        let amount = Property(optional: "amount", .integer)
    }

    private func read(_ body: String) throws(ProblemDetails) -> Object<Override> {
        try RequestReader.object(BodyObject(ByteBuffer(string: body), fields: Override.form.names))
    }

    @Test func `what is known is read`() throws {
        let override = try read(#" {"allowed": true, "reason": "é", "amount": null} "#)
        #expect(override.allowed)
        #expect(override.reason == "é")
        #expect(override.amount == nil)
        #expect(try read(#"{"allowed": false, "reason": "", "amount": -5}"#).amount == -5)
    }

    @Test(arguments: [
        (#"{"allowed":true,"reason":"","untill":1}"#, "unknown_field", "`untill`"),
        (#"{"allowed":true}"#, "missing_field", "`reason`"),
        (#"{"allowed":"yes","reason":""}"#, "invalid_field", "`allowed` must be true or false"),
        (#"{"allowed":true,"reason":7}"#, "invalid_field", "`reason` must be a string"),
        (#"{"allowed":true,"reason":null}"#, "invalid_field", "`reason` must be a string"),
        (#"{"allowed":true,"reason":"","amount":"5"}"#, "invalid_field", "`amount` must be a whole number"),
        (#"{"allowed":true,"reason":"","amount":1.5}"#, "invalid_field", "`amount`"),
        (#"{"allowed":true,"reason":"","amount":1e99}"#, "invalid_field", "`amount`"),
        (#"{"allowed":true,"reason":"","amount":9223372036854775808}"#, "invalid_field", "`amount`"),
    ])
    func `what is wrong is 400 and named`(_ body: String, _ code: String, _ detail: String) {
        let problem = #expect(throws: ProblemDetails.self) { try read(body) }
        #expect(problem?.status.code == 400)
        #expect(problem?.code == code)
        #expect(problem?.detail.contains(detail) == true)
    }
}
