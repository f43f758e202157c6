// SPDX-License-Identifier: Apache-2.0

import Notation

/// What could not be read of an object whose other parts could: an unusable part does not spoil the rest.
package struct Unreadable: Sendable {
    /// Each error once, and no more than anybody would read.
    package private(set) var errors: [FieldError] = []
    private static let limit = 10

    package init() {}

    /// Reads one part; nil if it is absent, or unusable, which is noted.
    package mutating func read<Value>(_ part: @autoclosure () throws(FieldError) -> Value?) -> Value? {
        do throws(FieldError) {
            return try part()
        } catch {
            note([error])
            return nil
        }
    }

    /// Reads each element of a list object on its own. An empty object, as mocks of Stripe write it, has none.
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
