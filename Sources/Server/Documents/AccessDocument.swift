// SPDX-License-Identifier: Apache-2.0

import Gateway
import Notation

/// The gateway's answer in bytes, for the hot path, where every microsecond counts: the same as
/// `CustomerDocument.access(answer, isStale:).bytes`.
enum AccessDocument {
    /// The most that a document takes, without the id: 80 bytes of names, 25 of words, two numbers of 20, and a time.
    private static let capacity = 160 + Timestamp.longestDescription

    /// - Parameters:
    ///   - customer: the id that was asked for.
    ///   - isStale: whether it comes from memory because the database is unavailable.
    static func append(
        _ answer: AccessCache.Answer,
        of customer: Span<UInt8>,
        isStale: Bool = false,
        to bytes: inout [UInt8]
    ) {
        guard isPlain(customer) else {
            // The routes let no such id through, but no request may write JSON of its own.
            let text = customer.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            let quoted = JSON.string(text).bytes
            bytes.append(addingCapacity: capacity + quoted.count) { output in
                append(answer, quoted.span.extracting(1..<quoted.count - 1), isStale, to: &output)
            }
            return
        }
        bytes.append(addingCapacity: capacity + customer.count) { output in
            append(answer, customer, isStale, to: &output)
        }
    }

    /// - Parameter customer: as it appears between the quotation marks.
    private static func append(
        _ answer: AccessCache.Answer,
        _ customer: Span<UInt8>,
        _ isStale: Bool,
        to output: inout OutputSpan<UInt8>
    ) {
        append(answer.reason.allows ? "{\"allowed\":true,\"credits\":" : "{\"allowed\":false,\"credits\":", to: &output)
        append(answer.credits, to: &output)
        append(",\"customer\":\"", to: &output)
        for position in customer.indices { output.append(customer[position]) }
        append("\",\"reason\":\"", to: &output)
        for byte in answer.reason.rawValue.utf8 { output.append(byte) }
        append(isStale ? "\",\"stale\":true,\"until\":" : "\",\"until\":", to: &output)
        if let until = answer.until {
            output.append(UInt8(ascii: "\""))
            until.append(to: &output)
            output.append(UInt8(ascii: "\""))
        } else {
            append("null", to: &output)
        }
        append(",\"version\":", to: &output)
        append(answer.version, to: &output)
        output.append(UInt8(ascii: "}"))
    }

    private static func append(_ text: StaticString, to output: inout OutputSpan<UInt8>) {
        text.withUTF8Buffer { text in
            for byte in text { output.append(byte) }
        }
    }

    private static func append(_ number: Int64, to output: inout OutputSpan<UInt8>) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = digits.count
        var rest = number.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for position in start..<digits.count { output.append(digits[position]) }
    }

    /// Whether an id needs no escapes in a JSON string.
    private static func isPlain(_ id: Span<UInt8>) -> Bool {
        for position in id.indices {
            let byte = id[position]
            let isPlain = byte.isPrintableASCII && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            guard isPlain else { return false }
        }
        return true
    }
}
