import NIOCore
import TestSupport
import Testing

@testable import Server

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
        // The end of a body in chunks.
        (["1\r\nx\r\n0\r\n\r\nGET"], ["1\r\nx\r\n0\r\n\r\n", "GET"]),
        ([""], []),
    ])
    func `a cut is behind each blank line`(_ reads: [String], _ wanted: [String]) {
        var slices = RequestSlices()
        var cuts: [String] = []
        for read in reads {
            slices.append(ByteBuffer(string: read))
            while let slice = slices.next() { cuts.append(String(buffer: slice)) }
        }
        #expect(cuts == wanted)
    }

    @Test func `a body of known length is cut at its end only`() {
        var slices = RequestSlices()
        slices.append(ByteBuffer(string: "\r\n\r\n12GET / HTTP/1.1\r\n\r\n"))
        slices.expectBody(6)
        #expect(slices.next() == ByteBuffer(string: "\r\n\r\n12"))
        #expect(slices.next() == ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
        slices.expectBody(10)
        slices.append(ByteBuffer(string: "12345"))
        #expect(slices.next() == ByteBuffer(string: "12345"))
        #expect(slices.next() == nil)
        slices.append(ByteBuffer(string: "67890GET"))
        #expect(slices.next() == ByteBuffer(string: "67890"))
        #expect(slices.next() == ByteBuffer(string: "GET"))
    }

    @Test(arguments: UInt64(0)..<20)
    func `no byte is lost or moved, and none is let through behind a blank line`(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let alphabet = Array("a\r\n\r\n:".utf8)
        for _ in 0..<500 {
            var slices = RequestSlices()
            var sent: [UInt8] = []
            var got: [UInt8] = []
            for _ in 0..<random.within(1...6) {
                let read = (0..<random.within(0...20)).map { _ in alphabet[Int(random.within(0...5))] }
                sent += read
                slices.append(ByteBuffer(bytes: read))
                if random.one(in: 3) { continue }
                while let slice = slices.next() {
                    let text = String(buffer: slice)
                    let blank = ["\n\r\n", "\n\n"].compactMap { text.firstRange(of: $0)?.upperBound }.min()
                    #expect(blank ?? text.endIndex == text.endIndex, "\(text)")
                    got += slice.readableBytesView
                }
            }
            while let slice = slices.next() { got += slice.readableBytesView }
            #expect(got == sent)
        }
    }
}
