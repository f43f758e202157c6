// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finds the end of a request's head and, on the way, the length of its body: in one pass, line by line.
struct HeadScan {
    /// Where in a line the last bytes are.
    enum Line {
        case text
        /// The last byte ended a line.
        case ended
        /// The last bytes ended a line, and were followed by a carriage return.
        case endedAndReturned
    }

    private(set) var line: Line
    /// Up to and including the first blank line; all bytes if there is none.
    private(set) var length = 0
    /// Whether there was a blank line.
    private(set) var hasEnded = false
    /// The body size that the head seems to announce, in bytes; 0 if that is unclear. Only the parser knows for sure.
    private(set) var bodySize = 0
    private var hasLength = false

    /// - Parameter line: where in a line the bytes before these ended.
    init(line: Line = .text) {
        self.line = line
    }

    /// Called once.
    mutating func run(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        var index = 0
        while index < bytes.count {
            switch line {
            case .text:
                guard let found = memchr(start + index, Int32(UInt8(ascii: "\n")), bytes.count - index) else {
                    length = bytes.count
                    return
                }
                index = UnsafeRawPointer(found) - start + 1
                line = .ended
                readLength(of: bytes, at: index)
            case .ended where bytes[index] == UInt8(ascii: "\r"):
                index += 1
                line = .endedAndReturned
            case .ended where bytes[index] == UInt8(ascii: "\n"),
                .endedAndReturned where bytes[index] == UInt8(ascii: "\n"):
                length = index + 1
                hasEnded = true
                return
            case .ended, .endedAndReturned:
                line = .text
            }
        }
        length = bytes.count
    }

    /// Reads it if the line that begins here is `Content-Length: 123`.
    private mutating func readLength(of bytes: UnsafeRawBufferPointer, at start: Int) {
        let name: StaticString = "content-length:"
        let first = start + name.utf8CodeUnitCount
        guard first < bytes.count, bytes[start] | 0x20 == UInt8(ascii: "c"), let base = bytes.baseAddress,
            strncasecmp(base + start, name.utf8Start, name.utf8CodeUnitCount) == 0
        else { return }
        guard !hasLength else {
            bodySize = 0
            return
        }
        hasLength = true
        var index = first
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
        // More digits than that would be more than is ever read at once.
        let most = 9
        var (size, digits) = (0, 0)
        while index < bytes.count, digits <= most, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[index] {
            size = size * 10 + Int(bytes[index] - UInt8(ascii: "0"))
            digits += 1
            index += 1
        }
        guard digits <= most, index < bytes.count, bytes[index] == UInt8(ascii: "\r") else { return }
        bodySize = size
    }
}
