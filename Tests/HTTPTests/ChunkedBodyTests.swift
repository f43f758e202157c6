// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTP

@Suite struct ChunkedBodyTests {
    @Test(arguments: [
        ("0\r\n\r\nGET", "", "GET"),
        ("3\r\nabc\r\n0\r\n\r\n", "abc", ""),
        ("1\r\na\r\n00a\r\n0123456789\r\n0\r\n\r\nrest", "a0123456789", "rest"),
        ("4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", ""),
        ("2;a\r\nab\r\n1 ;b", nil, nil),
        ("2;a;b=c;d=\"e;\\\"f\"\r\nab\r\n0;last\r\n\r\n\r\n", "ab", "\r\n"),
        ("1\r\na\r\n0\r\nDigest: x: y\t\u{fc}\r\nEmpty:\r\n\r\nrest", "a", "rest"),
    ])
    func `a body ends where RFC 9112 has it end`(_ sent: String, _ data: String?, _ rest: String?) {
        let result = read(Array(sent.utf8))
        #expect(result?.data == data.map { Array($0.utf8) })
        #expect(result.map { Array(sent.utf8).dropFirst($0.length) } == rest.map { Array($0.utf8)[...] })
    }

    @Test(arguments: [
        // Other line ends, and data longer or shorter than its size.
        "3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\r0\r\n\r\n", "3\r\r\nabc", "3\r\nabcd\r\n",
        "3\r\nab\r\n0\r\n",
        "0\r\n\n", "0\n\r\n", "0\r\nA: b\n\r\n", "0\r\nA: b\r\r\n",
        // Invalid sizes.
        "\r\n", ";a\r\n", " 3\r\nabc", "3 \r\nabc", "+3\r\nabc", "-3\r\n", "0x3\r\nabc", "g\r\n",
        "1000000000000000\r\n",
        "0000000000000000\r\n", "3_0\r\n",
        // Extensions and trailers that could be read in two ways.
        "3;a\nb\r\n", "3;a=\"\r\n\"\r\nabc", "3;a=\"\\\r\n", "3;\0\r\n", "0\r\n folded: a\r\n\r\n",
        "0\r\nA : b\r\n\r\n",
        "0\r\nno colon\r\n\r\n", "0\r\nA: b\r\n c\r\n\r\n", "0\r\n: a\r\n\r\n", "0\r\nA: \0\r\n\r\n",
    ])
    func `what could be read in two ways is refused`(_ sent: String) {
        var body = ChunkedBody()
        #expect(throws: ChunkedBody.Fault.malformed) {
            var bytes = ByteBuffer(string: sent)
            _ = try body.take(&bytes)
        }
    }

    @Test func `trailers and extensions are bounded over the whole body`() {
        for (part, count) in [("1;abcdefg\r\na\r\n", 8), ("0\r\nA: b\r\n", 6)] {
            let isTrailer = part.hasPrefix("0")
            let most = ChunkedBody.largestExtras / count
            func sent(_ times: Int) -> [UInt8] {
                let parts =
                    isTrailer
                    ? "0\r\n" + String(repeating: "A: b\r\n", count: times)
                    : String(repeating: part, count: times) + "0\r\n"
                return Array((parts + "\r\n").utf8)
            }
            #expect(read(sent(most)) != nil)
            var body = ChunkedBody()
            #expect(throws: ChunkedBody.Fault.extrasTooLarge) {
                var bytes = ByteBuffer(bytes: sent(most + 1))
                _ = try body.take(&bytes)
            }
        }
    }

    @Test func `however many chunks one read has, the parser gets one`() throws {
        var bytes = ByteBuffer(string: String(repeating: "1\r\n\n\r\n", count: 1000))
        var body = ChunkedBody()
        #expect(
            try body.take(&bytes) == ByteBuffer(string: "000003e8\r\n" + String(repeating: "\n", count: 1000) + "\r\n"))
        bytes = ByteBuffer(string: "1")
        #expect(try body.take(&bytes).readableBytes == 0)
        bytes = ByteBuffer(string: "0\r\nab")
        #expect(try body.take(&bytes) == ByteBuffer(string: "00000002\r\nab\r\n"))
    }

    @Test(arguments: UInt64(0)..<20)
    func `no body ends elsewhere for the parser, neither as it was sent nor as it is passed on`(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let words = [
            "0\r\n\r\n", "0\r\n", "\r\n", "\r\n\r\n", "1\r\na\r\n", "2\r\n\r\n\r\n", "A\r\n0123456789\r\n",
            "01\r\n\n\r\n",
            "1;x\r\nb\r\n", "1;x=\"y\"\r\nc\r\n", "A: b\r\n", "A:\r\n", "\r", "\n", ";", "\"", ":", " ", "0", "1", "f",
            "a",
            "GET / HTTP/1.1\r\n\r\n",
        ]
        var ended = 0
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<random.within(1...6) { text += words[Int(random.within(0...Int64(words.count - 1)))] }
            if random.one(in: 2) { text += "0\r\n\r\n" }
            let sent = Array(text.utf8)
            let whole = read(sent)
            let pieces = read(sent) { Int(random.within(1...5)) }
            #expect(whole?.data == pieces?.data && whole?.length == pieces?.length, "\(text.debugDescription)")
            guard let whole else { continue }
            ended += 1
            // The parser may refuse the bytes as sent, but must not find another end.
            let early = parse(Array(sent[..<(whole.length - 1)]))
            #expect(!early.hasEnded, "\(text.debugDescription)")
            let full = parse(Array(sent[..<whole.length]))
            #expect(full.isRefused || full.hasEnded && full.data == whole.data, "\(text.debugDescription)")
            // From the bytes passed on, it must read the same data and end.
            let passed = parse(whole.passed)
            #expect(passed.hasEnded && !passed.isRefused && passed.data == whole.data, "\(text.debugDescription)")
        }
        #expect(ended > 20)
    }

    private struct Whole {
        var data: [UInt8] = []
        /// What the parser gets.
        var passed: [UInt8] = []
        var length = 0
    }

    /// Nil if it does not end, or is refused.
    private func read(_ sent: [UInt8], pieces: () -> Int = { .max }) -> Whole? {
        var body = ChunkedBody()
        var whole = Whole()
        var rest = sent[...]
        while !body.hasEnded {
            let piece = rest.prefix(pieces())
            guard !piece.isEmpty else { return nil }
            var bytes = ByteBuffer(bytes: piece)
            guard let passed = try? body.take(&bytes) else { return nil }
            let taken = piece.count - bytes.readableBytes
            whole.length += taken
            rest = rest.dropFirst(taken)
            whole.passed += passed.readableBytesView
        }
        whole.data = parse(whole.passed).data
        return whole
    }

    /// Reads a chunked body with NIO's parser.
    private func parse(_ bytes: [UInt8]) -> (data: [UInt8], hasEnded: Bool, isRefused: Bool) {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var (data, hasEnded, isRefused) = ([UInt8](), false, false)
        do {
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            try channel.writeInbound(ByteBuffer(string: head))
            if !bytes.isEmpty { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
        } catch {
            isRefused = true
        }
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head: break
            case .body(let bytes): data += bytes.readableBytesView
            case .end: hasEnded = true
            }
        }
        return (data, hasEnded, isRefused)
    }
}
