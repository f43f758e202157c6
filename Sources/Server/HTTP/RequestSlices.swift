import Glibc
import NIOCore

/// What a connection has read and not yet parsed, cut so that no slice reaches into a request behind the one it begins
/// in: each ends with the blank line that ends a head or a chunked body, or within a body of known length. Where a cut
/// falls otherwise (a blank line inside of a chunk) does no harm, for the parser takes bytes in any pieces.
struct RequestSlices {
    private enum Line {
        case text
        /// The last byte ended a line.
        case ended
        /// The last bytes ended a line, and were followed by a carriage return.
        case endedAndReturned
    }

    private var bytes = ByteBuffer()
    private var line = Line.text
    private var bodyLeft = 0

    var count: Int { bytes.readableBytes }
    var isEmpty: Bool { bytes.readableBytes == 0 }

    mutating func append(_ more: ByteBuffer) {
        if isEmpty {
            bytes = more
        } else {
            bytes.writeImmutableBuffer(more)
        }
    }

    /// The next so many bytes are a body.
    mutating func expectBody(_ length: Int) {
        bodyLeft = length
    }

    mutating func removeAll() {
        bytes = ByteBuffer()
    }

    /// - Returns: nil where nothing is left.
    mutating func next() -> ByteBuffer? {
        guard !isEmpty else { return nil }
        var length = min(bodyLeft, count)
        if length > 0 {
            bodyLeft -= length
        } else {
            length = bytes.withUnsafeReadableBytes { Self.lengthToBlankLine($0, &line) }
        }
        guard length < count else {
            // The whole, so that nothing of it is kept here.
            defer { bytes = ByteBuffer() }
            return bytes
        }
        return bytes.readSlice(length: length)
    }

    /// Up to and with the first blank line; all where there is none.
    private static func lengthToBlankLine(_ bytes: UnsafeRawBufferPointer, _ line: inout Line) -> Int {
        var index = 0
        while index < bytes.count {
            switch line {
            case .text:
                guard
                    let rest = bytes.baseAddress.map({ $0 + index }),
                    let found = memchr(rest, Int32(UInt8(ascii: "\n")), bytes.count - index)
                else { return bytes.count }
                index += UnsafeRawPointer(found) - rest + 1
                line = .ended
            case .ended where bytes[index] == UInt8(ascii: "\r"):
                index += 1
                line = .endedAndReturned
            case .ended where bytes[index] == UInt8(ascii: "\n"),
                .endedAndReturned where bytes[index] == UInt8(ascii: "\n"):
                line = .text
                return index + 1
            case .ended, .endedAndReturned:
                line = .text
            }
        }
        return bytes.count
    }
}
