// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// A chunked body (RFC 9112, 7.1), read before the parser sees any of it. The parser gets the same data in chunks of
/// ours, one per read, without extensions and trailers: so it cannot see the body's end elsewhere, many small chunks
/// cost it no more than a large one, and it keeps nothing besides the data.
struct ChunkedBody {
    enum Fault: Error {
        case malformed
        /// More extensions and trailers than anybody needs.
        case extrasTooLarge
    }

    /// For all extensions and trailers together, in bytes.
    static let largestExtras = 4 * 1024
    /// As many as `left` can hold, far beyond any body.
    private static let mostDigits = 15

    /// What the next byte belongs to.
    private enum Place {
        case size
        case chunkExtension
        case quoted
        case escaped
        /// The line feed that ends a size's line.
        case sizeEnd
        case data
        case dataReturn
        case dataEnd
        /// The first byte of a line after the last chunk.
        case trailer
        case trailerName
        case trailerValue
        case trailerEnd
        case lastEnd
        case ended
    }

    private var place = Place.size
    private var digits = 0
    /// Bytes of the chunk's data still to come.
    private var left = 0
    private var extras = 0

    var hasEnded: Bool { place == .ended }

    /// Takes everything that is there, or up to and including the end of the body.
    /// - Returns: what the parser gets instead; empty if there was no data.
    mutating func take(_ bytes: inout ByteBuffer) throws(Fault) -> ByteBuffer {
        // Leading zeros change nothing: the size is known only once the data is written.
        let opening: StaticString = "00000000\r\n"
        let closing: StaticString = "\r\n"
        let last: StaticString = "0\r\n\r\n"
        var parsed = ByteBuffer()
        parsed.reserveCapacity(bytes.readableBytes + opening.utf8CodeUnitCount + 8)
        parsed.writeStaticString(opening)
        var result = Result<Int, Fault>.success(0)
        let size = parsed.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.readableBytes) { target in
            var size = 0
            result = bytes.withUnsafeReadableBytes { scan($0, into: target, &size) }
            return size
        }
        bytes.moveReaderIndex(forwardBy: try result.get())
        if size > 0 {
            let digits = String(size, radix: 16)
            parsed.setString(digits, at: parsed.readerIndex + 8 - digits.utf8.count)
            parsed.writeStaticString(closing)
        } else {
            parsed.clear()
        }
        if hasEnded { parsed.writeStaticString(last) }
        return parsed
    }

    /// - Parameter target: the same size as the bytes.
    /// - Returns: how many bytes were taken.
    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ size: inout Int
    ) -> Result<Int, Fault> {
        guard let start = bytes.baseAddress, let output = target.baseAddress else { return .success(0) }
        var index = 0
        while index < bytes.count, place != .ended {
            if place == .data {
                let count = min(left, bytes.count - index)
                memcpy(output + size, start + index, count)
                size += count
                index += count
                left -= count
                if left == 0 { place = .dataReturn }
                continue
            }
            if let fault = step(bytes[index]) { return .failure(fault) }
            index += 1
        }
        return .success(index)
    }

    /// One byte of the framing around the data.
    private mutating func step(_ byte: UInt8) -> Fault? {
        switch (place, byte) {
        case (.dataReturn, Self.carriageReturn): place = .dataEnd
        case (.dataEnd, Self.lineFeed): place = .size
        case (.sizeEnd, Self.lineFeed):
            digits = 0
            place = left > 0 ? .data : .trailer
        case (.size, Self.carriageReturn) where digits > 0: place = .sizeEnd
        case (.size, UInt8(ascii: ";")) where digits > 0: return extra(.chunkExtension)
        case (.size, _):
            guard digits < Self.mostDigits, let digit = Self.hexadecimal(byte) else { return .malformed }
            digits += 1
            left = left << 4 | digit
        case (.chunkExtension, Self.carriageReturn): place = .sizeEnd
        case (.chunkExtension, UInt8(ascii: "\"")): return extra(.quoted)
        case (.quoted, UInt8(ascii: "\"")): return extra(.chunkExtension)
        case (.quoted, UInt8(ascii: "\\")): return extra(.escaped)
        case (.escaped, _) where Self.isText(byte): return extra(.quoted)
        case (.chunkExtension, _) where Self.isText(byte), (.quoted, _) where Self.isText(byte): return extra(place)
        case (.trailer, Self.carriageReturn): place = .lastEnd
        case (.lastEnd, Self.lineFeed): place = .ended
        case (.trailer, _) where Self.isToken(byte), (.trailerName, _) where Self.isToken(byte):
            return extra(.trailerName)
        case (.trailerName, UInt8(ascii: ":")): return extra(.trailerValue)
        case (.trailerValue, Self.carriageReturn): return extra(.trailerEnd)
        case (.trailerValue, _) where Self.isText(byte): return extra(.trailerValue)
        case (.trailerEnd, Self.lineFeed): return extra(.trailer)
        default: return .malformed
        }
        return nil
    }

    private mutating func extra(_ next: Place) -> Fault? {
        extras += 1
        place = next
        return extras > Self.largestExtras ? .extrasTooLarge : nil
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// Whatever may appear in a line, also within quotes.
    private static func isText(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: " ") && byte != 0x7F || byte == UInt8(ascii: "\t")
    }

    /// RFC 9110 (5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
