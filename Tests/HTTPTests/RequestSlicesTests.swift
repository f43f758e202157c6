// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import HTTP

@Suite struct RequestSlicesTests {
    @Test(arguments: [
        (
            ["GET / HTTP/1.1\r\nA: b\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"],
            ["GET / HTTP/1.1\r\nA: b\r\n\r\n", "GET /2 HTTP/1.1\r\n\r\n"]
        ),
        (["GET / HTTP/1.1\nA: b\n\nGET /2"], ["GET / HTTP/1.1\nA: b\n\n", "GET /2"]),
        // A blank line that comes in pieces.
        (["a\r", "\n", "\r", "\nb\r\n\r", "\nc"], ["a\r", "\n", "\r", "\n", "b\r\n\r", "\n", "c"]),
        (["a\r\nb", "\r\n", "\r\nc"], ["a\r\nb", "\r\n", "\r\n", "c"]),
        // Lines that only look blank.
        (["a\r\n b\n\rc\r\n\r\rd"], ["a\r\n b\n\rc\r\n\r\rd"]),
        // Line ends before a request are dropped.
        (["\r\n\n\ra\r\n\r\n\r\nb", "\r\n\r", "\n", "\r\n", "\r", "\nc"], ["a\r\n\r\n", "b", "\r\n\r", "\n", "c"]),
        ([""], []),
    ])
    func `a head is cut behind its blank line`(_ reads: [String], _ wanted: [String]) throws {
        var slices = RequestSlices()
        var cuts: [String] = []
        for read in reads {
            slices.append(ByteBuffer(string: read))
            while let slice = try slices.next() {
                cuts.append(String(buffer: slice))
                if slices.isAtEnd { slices.beginRequest() }
            }
        }
        #expect(cuts == wanted)
    }

    @Test func `a body of known length is cut at its end only`() throws {
        var slices = RequestSlices()
        slices.append(ByteBuffer(string: "POST\n\n\r\n\r\n12GET / HTTP/1.1\r\n\r\n"))
        #expect(try slices.next() == ByteBuffer(string: "POST\n\n"))
        slices.expect(.length(6))
        #expect(!slices.isAtEnd)
        #expect(try slices.next() == ByteBuffer(string: "\r\n\r\n12"))
        #expect(slices.isAtEnd)
        slices.beginRequest()
        #expect(try slices.next() == ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
        slices.expect(.length(10))
        slices.append(ByteBuffer(string: "12345"))
        #expect(try slices.next() == ByteBuffer(string: "12345"))
        #expect(try slices.next() == nil)
        #expect(!slices.isAtEnd)
        slices.append(ByteBuffer(string: "67890GET"))
        #expect(try slices.next() == ByteBuffer(string: "67890"))
        slices.beginRequest()
        #expect(try slices.next() == ByteBuffer(string: "GET"))
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "POST\r\ncontent-length:3\r\n\r\n\n\n\n",
        "POST\r\nA: b\r\nCONTENT-LENGTH:   0003\r\nC: d\r\n\r\nabc",
    ])
    func `a request that was read whole, with nothing behind it, is one slice`(_ request: String) throws {
        var slices = RequestSlices()
        for _ in 1...2 {
            slices.append(ByteBuffer(string: request))
            #expect(try slices.next() == ByteBuffer(string: request))
            #expect(slices.headSize == request.utf8.count - 3)
            slices.expect(.length(3))
            #expect(slices.isAtEnd)
            slices.beginRequest()
        }
    }

    @Test(arguments: [
        // Incomplete, or followed by more bytes.
        "POST\r\nContent-Length: 4\r\n\r\n|abc", "POST\r\nContent-Length: 3\r\n\r\n|abcGET",
        // The parser refuses these, or may read them differently.
        "POST\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n|abc", "POST\r\nContent-Length: +3\r\n\r\n|abc",
        "POST\r\nContent-Length: 3 \r\n\r\n|abc", "POST\r\nContent-Length: 3\n\r\n|abc",
        "POST\r\nContent-Length : 3\r\n\r\n|abc", "POST\r\n Content-Length: 3\r\n\r\n|abc",
        "Content-Length: 3\r\n\r\n|abc", "POST\r\nX-Content-Length: 3\r\n\r\n|abc",
        "POST\r\nContent-Length: 0000000003\r\n\r\n|abc", "POST\r\nContent-Length:\r\n 3\r\n\r\n|abc",
    ])
    func `what only seems to be a whole request is cut behind its head`(_ request: String) throws {
        var slices = RequestSlices()
        slices.append(ByteBuffer(string: request.replacing("|", with: "")))
        let head = try #require(request.split(separator: "|").first)
        #expect(try slices.next() == ByteBuffer(string: String(head)))
    }

    @Test(arguments: [RequestSlices.Body.length(0), .length(2), .length(4), .chunks])
    func `a whole request that is another to the parser has no end`(_ body: RequestSlices.Body) throws {
        var slices = RequestSlices()
        slices.append(ByteBuffer(string: "POST\r\nContent-Length: 3\r\n\r\nabc"))
        _ = try slices.next()
        slices.expect(body)
        #expect(!slices.isAtEnd)
        slices.append(ByteBuffer(string: "d"))
        #expect(throws: RequestPacer.Refusal.unclearEnd) { try slices.next() }
    }

    @Test func `a body in chunks is passed on as one chunk a read, and ends before the next request`() throws {
        var slices = RequestSlices()
        slices.append(ByteBuffer(string: "POST\n\n2\r\n\n\n\r\n1;a\r\nb\r"))
        #expect(try slices.next() == ByteBuffer(string: "POST\n\n"))
        slices.expect(.chunks)
        #expect(try slices.next() == ByteBuffer(string: "00000003\r\n\n\nb\r\n"))
        #expect(try slices.next() == nil)
        slices.append(ByteBuffer(string: "\n0\r\nA: b\r\n"))
        #expect(try slices.next() == nil)
        #expect(slices.isEmpty && !slices.isAtEnd)
        slices.append(ByteBuffer(string: "\r\nGET\n\n"))
        #expect(try slices.next() == ByteBuffer(string: "0\r\n\r\n"))
        #expect(slices.isAtEnd)
        slices.beginRequest()
        #expect(try slices.next() == ByteBuffer(string: "GET\n\n"))
    }

    @Test func `a parser that wants more than a request has gets no other one`() throws {
        for body in [RequestSlices.Body.length(0), .length(2), .chunks] {
            var slices = RequestSlices()
            slices.append(ByteBuffer(string: "POST\n\n"))
            _ = try slices.next()
            slices.expect(body)
            switch body {
            case .length(let length): slices.append(ByteBuffer(repeating: 0, count: length))
            case .chunks: slices.append(ByteBuffer(string: "0\r\n\r\n"))
            }
            _ = try slices.next()
            #expect(try slices.next() == nil)
            slices.append(ByteBuffer(string: "GET\n\n"))
            #expect(throws: RequestPacer.Refusal.unclearEnd) { try slices.next() }
        }
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func `a few line ends before a request are dropped, and more refused, in any pieces`(_ ends: String) throws {
        for size in [1, 3, 1000] {
            var slices = RequestSlices()
            for _ in 1...(RequestSlices.mostLineEnds / ends.utf8.count) {
                slices.append(ByteBuffer(string: ends))
                if size == 1 { #expect(try slices.next() == nil) }
            }
            slices.append(ByteBuffer(string: "GET\n\n"))
            #expect(try slices.next() == ByteBuffer(string: "GET\n\n"))
            slices.beginRequest()
            slices.append(ByteBuffer(string: String(repeating: ends, count: RequestSlices.mostLineEnds) + "\n"))
            #expect(throws: RequestPacer.Refusal.tooManyLineEnds) { try slices.next() }
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func `no byte is lost or moved, and none is let through behind a blank line`(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let alphabet = Array("a\r\n\r\n:".utf8)
        for _ in 0..<500 {
            var slices = RequestSlices()
            var sent: [UInt8] = []
            var got: [[UInt8]] = [[]]
            func drain() throws {
                while let slice = try slices.next() {
                    let text = String(buffer: slice)
                    let blank = ["\n\r\n", "\n\n"].compactMap { text.firstRange(of: $0)?.upperBound }.min()
                    #expect(blank ?? text.endIndex == text.endIndex, "\(text)")
                    got[got.count - 1] += slice.readableBytesView
                    guard slices.isAtEnd else { continue }
                    slices.beginRequest()
                    got.append([])
                }
            }
            do {
                for _ in 0..<random.within(1...6) {
                    let read = (0..<random.within(0...20)).map { _ in alphabet[Int(random.within(0...5))] }
                    sent += read
                    slices.append(ByteBuffer(bytes: read))
                    if !random.one(in: 3) { try drain() }
                }
                try drain()
            } catch {
                #expect(sent.split { $0 != 10 && $0 != 13 }.contains { $0.count > RequestSlices.mostLineEnds })
                continue
            }
            #expect(got == Self.requests(sent))
        }
    }

    /// What was sent, cut behind each blank line; the last piece is incomplete.
    private static func requests(_ sent: [UInt8]) -> [[UInt8]] {
        var requests: [[UInt8]] = [[]]
        for byte in sent {
            var last = requests.removeLast()
            if !last.isEmpty || byte != 10 && byte != 13 { last.append(byte) }
            requests.append(last)
            if last.ends(with: [10, 10]) || last.ends(with: [10, 13, 10]) { requests.append([]) }
        }
        return requests
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count) == other[...] }
}
