// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Testing

@testable import HTTP

@Suite struct RequestFramingTests {
    private func framing(_ headers: String) throws -> RequestFraming {
        var head = try HTTPRequestHead("POST / HTTP/1.1\r\n\(headers)")
        return RequestFraming.read(&head)
    }

    @Test func `one pass finds all that a head says of its request`() throws {
        let plain = try framing("Host: a\r\nAccept: b")
        #expect(plain.hosts == 1 && plain.body == .length(0) && plain.isKeepAlive)
        #expect(!plain.endsParsing && !plain.hasContentEncoding && !plain.asksToContinue && !plain.isPadded)
        let full = try framing(
            "hOsT: a\r\nContent-LENGTH: 12\r\nEXPECT: 100-Continue\r\nupgrade: x\r\nContent-Encoding:\r\nConnection: close"
        )
        #expect(full.hosts == 1 && full.contentLength == 12 && full.body == .length(12) && !full.isKeepAlive)
        #expect(full.endsParsing && full.hasContentEncoding && full.asksToContinue)
    }

    @Test(arguments: [
        ("3", 3), ("9223372036854775807", Int.max), ("9223372036854775808", .max), ("3  ", 3), ("3\t", 3),
    ])
    func `a length is read without what stands around it, and never overflows`(_ text: String, _ length: Int) throws {
        #expect(try framing("Host: a\r\nContent-Length: \(text)").contentLength == length)
    }

    @Test(
        arguments: [
            ("Transfer-Encoding: chunked", .chunks, nil), ("Transfer-Encoding: CHUNKED \t", .chunks, nil),
            ("Transfer-Encoding: gzip, chunked", .chunks, 501), ("Transfer-Encoding: chunked, gzip", .chunks, 400),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", .chunks, 501),
            ("Transfer-Encoding:", .chunks, 400),
            ("Transfer-Encodings: gzip", .length(0), nil), ("Host: b", .length(0), 400),
        ] as [(String, RequestSlices.Body, Int?)])
    func `what a proxy may read otherwise is a problem`(
        _ header: String, _ body: RequestSlices.Body, _ status: Int?
    ) throws {
        let framing = try framing("Host: a\r\n\(header)")
        #expect(framing.body == body)
        #expect(framing.problem?.status.code == status)
    }

    @Test func `a head keeps its values as they are, but for what stands around them`() throws {
        var head = try HTTPRequestHead("GET / HTTP/1.1\r\nHost: a \r\nX: \tb c\t")
        #expect(RequestFraming.read(&head).hosts == 1)
        #expect(head.headers.map(\.value) == ["a", "b c"])
        #expect(head.headers.value(of: "x") == "b c")
        head.headers.add(name: "x", value: "d")
        #expect(head.headers.value(of: "x") == "b c, d")
    }
}
