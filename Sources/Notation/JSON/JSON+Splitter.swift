// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Finds the parts of a list or an object in bytes that the reader refuses, so that one part that cannot be read hides no
    /// other. It looks only at quotes, brackets and commas, never at a byte twice, and does not recurse; a part is JSON only
    /// once the reader has read it.
    package struct Splitter {
        private let bytes: ArraySlice<UInt8>
        private var offset: Int

        private init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            offset = bytes.startIndex
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset += 3 }
        }

        /// - Parameter limit: how many there may be.
        /// - Returns: the elements of a list; nil if they cannot be told apart, or are more.
        package static func elements(of bytes: ArraySlice<UInt8>, atMost limit: Int) -> [ArraySlice<UInt8>]? {
            var splitter = Splitter(bytes)
            var elements: [ArraySlice<UInt8>] = []
            let isList = splitter.walk(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) { splitter in
                guard elements.count < limit, let element = splitter.value() else { return false }
                elements.append(element)
                return true
            }
            return isList ? elements : nil
        }

        /// - Returns: the values of these members of an object, of each key the first; nil if they cannot be told apart.
        package static func members(
            _ keys: Set<String>, of bytes: ArraySlice<UInt8>
        ) -> [String: ArraySlice<UInt8>]? {
            var splitter = Splitter(bytes)
            var members: [String: ArraySlice<UInt8>] = [:]
            let isObject = splitter.walk(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) { splitter in
                guard splitter.current == UInt8(ascii: "\""), let key = splitter.value() else { return false }
                splitter.skipWhitespace()
                guard splitter.take(UInt8(ascii: ":")), let value = splitter.value() else { return false }
                if let key = (try? JSON(bytes: key))?.string, keys.contains(key), members[key] == nil {
                    members[key] = value
                }
                return true
            }
            return isObject ? members : nil
        }

        /// Goes through a list or an object from its first byte to its last.
        /// - Parameter item: moves past an item; false if it cannot.
        private mutating func walk(from open: UInt8, to close: UInt8, _ item: (inout Splitter) -> Bool) -> Bool {
            skipWhitespace()
            guard take(open) else { return false }
            skipWhitespace()
            if !take(close) {
                repeat {
                    skipWhitespace()
                    guard item(&self) else { return false }
                    skipWhitespace()
                } while take(UInt8(ascii: ","))
                guard take(close) else { return false }
            }
            skipWhitespace()
            return offset == bytes.endIndex
        }

        /// Moves past a value, however deep: what is open is on a stack of its own.
        private mutating func value() -> ArraySlice<UInt8>? {
            skipWhitespace()
            let start = offset
            var open: [UInt8] = []
            repeat {
                guard let byte = current else { return nil }
                switch byte {
                case UInt8(ascii: "\""): guard skipString() else { return nil }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    open.append(byte + 2)  // In ASCII, each closing bracket is two behind its opening one.
                    offset += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    guard open.popLast() == byte else { return nil }
                    offset += 1
                case UInt8(ascii: ","), UInt8(ascii: ":"):
                    guard !open.isEmpty else { return nil }
                    offset += 1
                default: skip { !Self.isMark($0) && !Self.isWhitespace($0) }
                }
                if !open.isEmpty { skipWhitespace() }
            } while !open.isEmpty
            return bytes[start..<offset]
        }

        /// - Returns: false if it does not end.
        private mutating func skipString() -> Bool {
            offset += 1
            while let byte = current {
                offset += byte == UInt8(ascii: "\\") ? 2 : 1
                if byte == UInt8(ascii: "\"") { return true }
            }
            return false
        }

        private var current: UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard current == byte else { return false }
            offset += 1
            return true
        }

        private mutating func skipWhitespace() { skip(Self.isWhitespace) }

        private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
            while let byte = current, isSkipped(byte) { offset += 1 }
        }

        private static func isWhitespace(_ byte: UInt8) -> Bool {
            byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        }

        /// One of `{}[]:,"`.
        private static func isMark(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x7B, 0x7D, 0x5B, 0x5D, 0x3A, 0x2C, 0x22: true
            default: false
            }
        }
    }
}
