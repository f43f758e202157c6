// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

@Suite struct BodyLimitTests {
    private static func status(_ limit: Int, announced: Int?, isEncoded: Bool) -> Int? {
        do throws(ProblemDetails) {
            try BodyLimit(bytes: limit).admit(announced: announced, isEncoded: isEncoded)
            return nil
        } catch {
            return error.status.code
        }
    }

    @Test func `what the head tells is decided before a byte of the body came`() {
        #expect(Self.status(10, announced: nil, isEncoded: false) == nil)
        #expect(Self.status(10, announced: 10, isEncoded: false) == nil)
        #expect(Self.status(10, announced: 11, isEncoded: false) == 413)
        #expect(Self.status(10, announced: .max, isEncoded: false) == 413)
        #expect(Self.status(10, announced: 11, isEncoded: true) == 415)
        #expect(Self.status(10, announced: nil, isEncoded: true) == 415)
    }

    @Test func `what nothing announced is counted`() throws {
        try BodyLimit(bytes: 10).admit(size: 10)
        #expect(throws: ProblemDetails.payloadTooLarge(limit: 10)) { try BodyLimit(bytes: 10).admit(size: 11) }
    }
}
