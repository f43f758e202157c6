// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads answers from one connection: status, length and the one word of the body that gives the outcome. No more than
/// that, as it shares the machine with what it measures.
struct AnswerReader {
    enum Step {
        /// More bytes are needed.
        case incomplete
        /// - Parameters:
        ///   - word: the body's `outcome` or `code`; empty if it has none. Points into the bytes given.
        ///   - closes: whether the server closes the connection after it.
        case answer(status: Int, word: UnsafeRawBufferPointer, closes: Bool)
        /// This is not HTTP/1.1.
        case malformed
    }

    private static let sizeLimit = 1 << 20

    /// The part of an incomplete answer that has arrived.
    private var pending: [UInt8] = []

    /// Whether an answer has begun.
    var hasPart: Bool { !pending.isEmpty }

    /// Calls `body` with the result of these bytes and of those kept from before.
    /// - Parameter isEnd: whether the server has closed the connection after them.
    mutating func read(_ bytes: UnsafeRawBufferPointer, isEnd: Bool = false, _ body: (Step) -> Void) {
        if pending.isEmpty {
            let step = Self.step(bytes, isEnd: isEnd)
            if case .incomplete = step { pending.append(contentsOf: bytes) }
            body(step)
            return
        }
        pending.append(contentsOf: bytes)
        // Taken out while it is lent: `body` may trigger the next request, which may be answered at once.
        let whole = pending
        pending = []
        whole.withUnsafeBytes { bytes in
            let step = Self.step(bytes, isEnd: isEnd)
            if case .incomplete = step { pending = whole }
            body(step)
        }
    }

    private static func step(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Step {
        let step = parse(bytes, isEnd: isEnd)
        // Whatever its head says about its length or chunks: anything larger is not kept.
        if case .incomplete = step, bytes.count > sizeLimit { return .malformed }
        return step
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Step {
        guard let headEnd = find("\r\n\r\n", in: bytes) else {
            return isEnd ? .malformed : .incomplete
        }
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<(headEnd + 2)])
        guard starts(head, "HTTP/1."), head.count > 12, let status = number(head, from: 9), (200...599).contains(status)
        else { return .malformed }
        var (length, isChunked, closes) = (status == 204 || status == 304 ? 0 : -1, false, false)
        var line = 0
        while let feed = find("\n", in: UnsafeRawBufferPointer(rebasing: head[line...])) {
            let field = UnsafeRawBufferPointer(rebasing: head[line..<(line + feed)])
            line += feed + 1
            if starts(field, "content-length:") {
                length = number(field, from: 15) ?? -1
            } else if starts(field, "transfer-encoding: chunked") {
                isChunked = true
            } else if starts(field, "connection: close") {
                closes = true
            }
        }
        let bodyStart = headEnd + 4
        var bodyEnd = bytes.count
        if isChunked {
            guard starts(UnsafeRawBufferPointer(rebasing: bytes.suffix(5)), "0\r\n\r\n") else { return .incomplete }
        } else if length >= 0 {
            guard bytes.count - bodyStart >= length else { return isEnd ? .malformed : .incomplete }
            bodyEnd = bodyStart + length
        } else {
            guard isEnd else { return .incomplete }
            closes = true
        }
        let body = UnsafeRawBufferPointer(rebasing: bytes[bodyStart..<bodyEnd])
        return .answer(status: status, word: word(in: body, isSuccess: status < 300), closes: closes || isEnd)
    }

    private static func word(in body: UnsafeRawBufferPointer, isSuccess: Bool) -> UnsafeRawBufferPointer {
        let key: StaticString = isSuccess ? #""outcome":""# : #""code":""#
        guard let found = find(key, in: body) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let rest = body[(found + key.utf8CodeUnitCount)...].prefix(40)
        let word = rest.prefix { $0 != UInt8(ascii: "\"") }
        return UnsafeRawBufferPointer(rebasing: word)
    }

    private static func find(_ needle: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let (first, length) = (Int32(needle.utf8Start.pointee), needle.utf8CodeUnitCount)
        var position = 0
        while bytes.count - position >= length, let found = memchr(base + position, first, bytes.count - position) {
            position = UnsafeRawPointer(found) - base
            if bytes.count - position >= length, memcmp(base + position, needle.utf8Start, length) == 0 {
                return position
            }
            position += 1
        }
        return nil
    }

    /// Ignores the letters' case.
    private static func starts(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        guard bytes.count >= prefix.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
        let length = prefix.utf8CodeUnitCount
        return prefix.utf8Start.withMemoryRebound(to: CChar.self, capacity: length) { prefix in
            strncasecmp(base.assumingMemoryBound(to: CChar.self), prefix, length) == 0
        }
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var value: Int?
        for byte in bytes[start...] {
            switch byte {
            case UInt8(ascii: " ") where value == nil: continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // Longer than any answer that is read here.
                guard (value ?? 0) < 1 << 40 else { return nil }
                value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
            default: return value
            }
        }
        return value
    }
}
