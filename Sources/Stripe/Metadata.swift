// SPDX-License-Identifier: Apache-2.0

import Notation

/// The key-value pairs that the seller attached to an object.
package struct Metadata: Sendable, Hashable {
    private let values: [String: JSON]
    private let path: String

    init(values: [String: JSON], path: String) {
        self.values = values
        self.path = path
    }

    /// The value of a key; nil if it is absent, null or empty (Stripe deletes a key that is set to the empty string).
    package subscript(_ key: String) -> JSON? {
        guard let value = values[key], value != .null, value != "" else { return nil }
        return value
    }

    /// A whole number in the range, as digits (Stripe's metadata values are strings) or as a JSON number; nil if the
    /// key has no value.
    package func wholeNumber(_ key: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int64? {
        guard let value = self[key] else { return nil }
        let digits = value.string.flatMap { text in
            text.utf8.count <= 19 && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                ? Int64(text) : nil
        }
        let number =
            if case .integer(let integer) = value { integer } else { digits }
        guard let number, range.contains(number) else {
            throw FieldError(
                "\(path).\(key)",
                "is not a whole number from \(range.lowerBound) to \(range.upperBound)",
                value: value
            )
        }
        return number
    }
}
