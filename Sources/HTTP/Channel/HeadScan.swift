// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Looks for the end of a request's head, and for the length of its body on the way: one pass, line by line.
struct HeadScan {
    /// What the last bytes are of a line.
    enum Line {
        case text
        /// The last byte ended a line.
        case ended
        /// The last bytes ended a line, and were followed by a carriage return.
        case endedAndReturned
    }

    private(set) var line: Line
    /// Up to and with the first blank line; of all where there is none.
    private(set) var length = 0
    /// There was a blank line.
    private(set) var hasEnded = false
    /// What the head seems to announce, in bytes; 0 where that is not plain. Only the parser knows.
    private(set) var bodySize = 0
    private var hasLength = false

    /// - Parameter line: where the bytes before these ended.
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

    /// Where the line that begins here is `Content-Length: 123`.
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
        // So many digits are more than is ever read at once.
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
