// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import Testing

@testable import HTTP

@Suite struct HotAnswerTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    private func text(_ answer: HotAnswer, connection: String? = nil, isToHead: Bool = false) -> String {
        String(buffer: answer.encoded(connection: connection, date: Self.date, isToHead: isToHead))
    }

    @Test func `an answer is written whole`() {
        let document = HotAnswer(Array(#"{"a":1}"#.utf8))
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\nDate: \(Self.date)\r\n"
        #expect(text(document) == "\(head)\r\n{\"a\":1}")
        #expect(text(document, isToHead: true) == "\(head)\r\n")
        #expect(text(document, connection: "close") == "\(head)Connection: close\r\n\r\n{\"a\":1}")
    }

    @Test func `a problem has the headers that its status calls for`() {
        let busy = text(HotAnswer(.serviceUnavailable(detail: "\"\u{1}", retryAfter: 7)))
        #expect(busy.hasPrefix("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"))
        #expect(busy.contains("\r\nRetry-After: 7\r\n"))
        let body =
            #"{"code":"unavailable","detail":"\"\u0001","status":503,"title":"Service Unavailable","#
            + #""type":"urn:tollgate:problem:unavailable"}"#
        #expect(busy.hasSuffix("\r\n\r\n\(body)"))
        #expect(busy.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
    }

    @Test func `an answer may have header lines, and no body`() {
        let lines = Array("\r\nX-One: 1\r\nX-Two: ".utf8)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: \(Self.date)\r\nX-One: 1\r\nX-Two: \r\n"
        #expect(text(HotAnswer(.ok, headerLines: lines)) == "\(head)\r\n")
        #expect(text(HotAnswer(.ok, headerLines: lines), connection: "close") == "\(head)Connection: close\r\n\r\n")
        let problem = text(HotAnswer(.forbidden(), headerLines: lines))
        #expect(problem.contains("\r\nX-One: 1\r\nX-Two: \r\n\r\n{"))
    }

    @Test func `a body of any size fits`() {
        for size in [0, 1, 1000, 100_000] {
            let answer = HotAnswer([UInt8](repeating: 0x61, count: size))
            #expect(text(answer).hasSuffix("\r\n\r\n" + String(repeating: "a", count: size)))
        }
    }
}
