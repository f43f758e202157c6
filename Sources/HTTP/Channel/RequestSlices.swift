// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a connection has read and not yet parsed, cut so that no slice reaches into the request after the one it begins
/// in, and that a read is never cut into more slices than it has heads and bodies. It finds on its own where a request
/// ends; if the parser disagrees, nothing more is let through. The ordinary request, read whole with nothing after it,
/// is one slice.
struct RequestSlices {
    /// What follows a head.
    enum Body: Hashable {
        case length(Int)
        case chunks
    }

    /// RFC 9112 (2.2) asks to ignore one line end before a request; nobody sends many.
    static let mostLineEnds = 16

    private enum Place {
        /// Before a request; this many bytes of line ends were dropped.
        case start(dropped: Int)
        case head(HeadScan.Line)
        case body(left: Int)
        case chunks(ChunkedBody)
        /// After a head, until `expect` gives its body, or after a request.
        case end
        /// After a head and a body of this many bytes, until `expect` confirms it.
        case whole(body: Int)
    }

    private var bytes = ByteBuffer()
    private var place = Place.start(dropped: 0)
    /// How many bytes of the request's head were handed out.
    private(set) var headSize = 0

    var count: Int { bytes.readableBytes }
    var isEmpty: Bool { bytes.readableBytes == 0 }

    /// Whether the whole request was handed out.
    var isAtEnd: Bool {
        if case .end = place { true } else { false }
    }

    /// Whether part of a head, or of what may precede it, was handed out.
    var isInHead: Bool {
        switch place {
        case .start(let dropped): dropped > 0
        case .head: headSize > 0
        case .body, .chunks, .end, .whole: false
        }
    }

    mutating func append(_ more: ByteBuffer) {
        if isEmpty {
            bytes = more
        } else {
            bytes.writeImmutableBuffer(more)
        }
    }

    /// The head that was handed out has this body.
    mutating func expect(_ body: Body) {
        switch (place, body) {
        case (.end, .length(0)): break
        case (.end, .length(let length)): place = .body(left: length)
        case (.end, .chunks): place = .chunks(ChunkedBody())
        // With any other body it is unclear where the request ends, so it never counts as ended.
        case (.whole(let size), .length(let length)) where length == size: place = .end
        default: break
        }
    }

    /// The next bytes belong to another request.
    mutating func beginRequest() {
        place = .start(dropped: 0)
        headSize = 0
    }

    mutating func removeAll() {
        bytes = ByteBuffer()
    }

    /// - Returns: nil if nothing is left.
    mutating func next() throws(RequestPacer.Refusal) -> ByteBuffer? {
        if case .start(let dropped) = place { try dropLineEnds(dropped) }
        guard !isEmpty else { return nil }
        switch place {
        case .start:
            return nil
        case .head(let line):
            return nextOfHead(line)
        case .body(let left):
            let length = min(left, count)
            place = length < left ? .body(left: left - length) : .end
            return take(length)
        case .chunks(var body):
            return try nextChunk(&body)
        case .end, .whole:
            // The parser wants more although the request is complete.
            throw .unclearEnd
        }
    }

    private mutating func nextOfHead(_ line: HeadScan.Line) -> ByteBuffer? {
        var scan = HeadScan(line: line)
        bytes.withUnsafeReadableBytes { scan.run($0) }
        let isWhole = headSize == 0 && scan.bodySize > 0 && scan.length + scan.bodySize == count
        headSize += scan.length
        guard scan.hasEnded else {
            place = .head(scan.line)
            return take(scan.length)
        }
        place = isWhole ? .whole(body: scan.bodySize) : .end
        return take(isWhole ? count : scan.length)
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
            // Hand out the whole buffer, so that none of it is retained here.
            defer { bytes = ByteBuffer() }
            return bytes
        }
        return bytes.readSlice(length: length)
    }
}
