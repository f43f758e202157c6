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
        output.append(answer.reason.allows ? "{\"allowed\":true,\"credits\":" : "{\"allowed\":false,\"credits\":")
        output.append(answer.credits)
        output.append(",\"customer\":\"")
        output.append(customer)
        output.append("\",\"reason\":\"")
        output.append(answer.reason.rawValue.utf8.span)
        output.append(isStale ? "\",\"stale\":true,\"until\":" : "\",\"until\":")
        if let until = answer.until {
            output.append(UInt8(ascii: "\""))
            until.append(to: &output)
            output.append(UInt8(ascii: "\""))
        } else {
            output.append("null")
        }
        output.append(",\"version\":")
        output.append(answer.version)
        output.append(UInt8(ascii: "}"))
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
