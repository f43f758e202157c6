// SPDX-License-Identifier: Apache-2.0

import Billing
import Gateway
import Notation
import TestSupport
import Testing

@testable import Server
@testable import Store

@Suite struct AccessDocumentTests {
    private static func document(_ answer: AccessAnswer, isStale: Bool) -> String {
        var bytes: [UInt8] = []
        AccessDocument.append(
            AccessCache.Answer(answer), of: Array(answer.customer.utf8).span, isStale: isStale, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func expectEqual(_ answer: AccessAnswer) {
        for isStale in [false, true] {
            let slow = String(decoding: CustomerDocument.access(answer, isStale: isStale).bytes, as: UTF8.self)
            #expect(document(answer, isStale: isStale) == slow)
        }
    }

    @Test(arguments: Reason.allCases)
    func `every reason is the same document as the slow one`(_ reason: Reason) {
        for until in [nil, Timestamp.noon, Timestamp.noon + .microseconds(1), Timestamp(microseconds: -1)] {
            Self.expectEqual(AccessAnswer("cus_1", version: 3, Decision(reason, until: until)))
        }
    }

    @Test func `numbers and times of every length`() {
        var random = SeededRandom(1)
        for _ in 0..<2_000 {
            let shift = Int64.random(in: 0..<63, using: &random)
            let until = Timestamp(microseconds: random.within(0...Timestamp.range.upperBound.microseconds))
            let credits = random.within(.min ... .max) >> shift
            let decision = Decision(.credits, until: random.one(in: 3) ? nil : until)
            let version = random.within(0 ... .max) >> shift
            Self.expectEqual(AccessAnswer("cus_1", version: version, decision, credits: credits))
        }
        for number in [Int64.min, -10, -1, 0, 9, 10, .max] {
            Self.expectEqual(AccessAnswer("cus_1", version: number, credits: number))
        }
    }

    @Test func `ids of every length, and those that no route lets through`() {
        for length in 0...255 {
            Self.expectEqual(AccessAnswer(String(repeating: "a", count: length), version: 1))
        }
        for scalar in 0..<0x180 {
            guard let scalar = Unicode.Scalar(scalar) else { continue }
            Self.expectEqual(AccessAnswer("a\(scalar)\"", version: 1))
            Self.expectEqual(AccessAnswer("a\(scalar)b", version: 1))
        }
        Self.expectEqual(AccessAnswer(String(repeating: "\"", count: 255), version: .min, credits: .min))
    }

    @Test func `it is appended to what is there, and the longest fits`() {
        var bytes = Array("x".utf8)
        let longest = AccessCache.Answer(
            reason: .subscriptionActive, until: Timestamp(microseconds: .min + 1), credits: .min, version: .min
        )
        let id = [UInt8](repeating: 0x61, count: 255)
        for _ in 0..<2 { AccessDocument.append(longest, of: id.span, isStale: true, to: &bytes) }
        #expect(bytes.first == UInt8(ascii: "x"))
        #expect(bytes.count % 2 == 1)
        #expect(bytes[1...].prefix(bytes.count / 2) == bytes.suffix(bytes.count / 2))
    }
}
