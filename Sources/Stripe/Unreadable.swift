// SPDX-License-Identifier: Apache-2.0

import Notation

/// What could not be read of an object whose other parts could: one unusable part takes only itself.
package struct Unreadable: Sendable {
    /// Each once, and no more than anybody reads.
    package private(set) var errors: [FieldError] = []
    private static let limit = 10

    package init() {}

    /// Reads one part; nil where it is not there, or unusable, which is noted.
    package mutating func read<Value>(_ part: @autoclosure () throws(FieldError) -> Value?) -> Value? {
        do throws(FieldError) {
            return try part()
        } catch {
            note([error])
            return nil
        }
    }

    /// Reads the elements of a list object each for itself. An empty object, as mocks of Stripe write it, has none.
    mutating func list<Value>(
        _ key: String,
        of fields: Fields,
        _ element: (Fields) throws(FieldError) -> Value
    ) -> [Value] {
        guard fields[key] != [:] else { return [] }
        var values: [Value] = []
        for item in read(try fields.items(key)) ?? [] {
            if let value = read(try element(item.checked)) { values.append(value) }
        }
        return values
    }

    package mutating func note(_ more: [FieldError]) {
        for error in more where errors.count < Self.limit && !errors.contains(error) { errors.append(error) }
    }
}
