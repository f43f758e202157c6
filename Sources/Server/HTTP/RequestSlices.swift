import Glibc
import NIOCore

/// What a connection has read and not yet parsed, cut so that no slice reaches into a request behind the one it begins
/// in, and that a read is never cut in more slices than it has heads and bodies. It knows by itself where a request
/// ends; where the parser sees that elsewhere, nothing more is let through.
struct RequestSlices {
    /// What follows a head.
    enum Body: Equatable {
        case length(Int)
        case chunks
    }

    /// RFC 9112 (2.2) wants one line end before a request ignored; nobody sends many.
    static let mostLineEnds = 16

    private enum Line {
        case text
        /// The last byte ended a line.
        case ended
        /// The last bytes ended a line, and were followed by a carriage return.
        case endedAndReturned
    }

    private enum Place {
        /// Before a request; so many bytes of line ends were dropped.
        case start(dropped: Int)
        case head(Line)
        case body(left: Int)
        case chunks(ChunkedBody)
        /// Behind a head, until its body is told, or behind a request.
        case end
    }

    private var bytes = ByteBuffer()
    private var place = Place.start(dropped: 0)

    var count: Int { bytes.readableBytes }
    var isEmpty: Bool { bytes.readableBytes == 0 }

    /// All of a request was given out.
    var isAtEnd: Bool {
        if case .end = place { true } else { false }
    }

    mutating func append(_ more: ByteBuffer) {
        if isEmpty {
            bytes = more
        } else {
            bytes.writeImmutableBuffer(more)
        }
    }

    /// The head that was given out has this body.
    mutating func expect(_ body: Body) {
        guard isAtEnd else { return }
        switch body {
        case .length(0): break
        case .length(let length): place = .body(left: length)
        case .chunks: place = .chunks(ChunkedBody())
        }
    }

    /// The next bytes are another request.
    mutating func beginRequest() {
        place = .start(dropped: 0)
    }

    mutating func removeAll() {
        bytes = ByteBuffer()
    }

    /// - Returns: nil where nothing is left.
    mutating func next() throws(RequestPacer.Refusal) -> ByteBuffer? {
        if case .start(let dropped) = place { try dropLineEnds(dropped) }
        guard !isEmpty else { return nil }
        switch place {
        case .start:
            return nil
        case .head(var line):
            let (length, isBlank) = bytes.withUnsafeReadableBytes { Self.lengthToBlankLine($0, &line) }
            place = isBlank ? .end : .head(line)
            return take(length)
        case .body(let left):
            let length = min(left, count)
            place = length < left ? .body(left: left - length) : .end
            return take(length)
        case .chunks(var body):
            return try nextChunk(&body)
        case .end:
            // The parser wants more where nothing more is due.
            throw .unclearEnd
        }
    }

    private mutating func dropLineEnds(_ before: Int) throws(RequestPacer.Refusal) {
        var dropped = before
        while let byte = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self),
            byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
        {
            dropped += 1
            guard dropped <= Self.mostLineEnds else { throw .tooManyLineEnds }
            bytes.moveReaderIndex(forwardBy: 1)
        }
        if isEmpty {
            bytes = ByteBuffer()
            place = .start(dropped: dropped)
        } else {
            place = .head(.text)
        }
    }

    private mutating func nextChunk(_ body: inout ChunkedBody) throws(RequestPacer.Refusal) -> ByteBuffer? {
        let chunk: ByteBuffer
        do throws(ChunkedBody.Fault) {
            chunk = try body.take(&bytes)
        } catch {
            switch error {
            case .malformed: throw .malformedChunks
            case .extrasTooLarge: throw .chunkExtrasTooLarge
            }
        }
        place = body.hasEnded ? .end : .chunks(body)
        if isEmpty { bytes = ByteBuffer() }
        return chunk.readableBytes > 0 ? chunk : nil
    }

    private mutating func take(_ length: Int) -> ByteBuffer? {
        guard length < count else {
            // The whole, so that nothing of it is kept here.
            defer { bytes = ByteBuffer() }
            return bytes
        }
        return bytes.readSlice(length: length)
    }

    /// Up to and with the first blank line; all where there is none.
    private static func lengthToBlankLine(
        _ bytes: UnsafeRawBufferPointer, _ line: inout Line
    ) -> (length: Int, isBlank: Bool) {
        var index = 0
        while index < bytes.count {
            switch line {
            case .text:
                guard
                    let rest = bytes.baseAddress.map({ $0 + index }),
                    let found = memchr(rest, Int32(UInt8(ascii: "\n")), bytes.count - index)
                else { return (bytes.count, false) }
                index += UnsafeRawPointer(found) - rest + 1
                line = .ended
            case .ended where bytes[index] == UInt8(ascii: "\r"):
                index += 1
                line = .endedAndReturned
            case .ended where bytes[index] == UInt8(ascii: "\n"),
                .endedAndReturned where bytes[index] == UInt8(ascii: "\n"):
                return (index + 1, true)
            case .ended, .endedAndReturned:
                line = .text
            }
        }
        return (bytes.count, false)
    }
}
