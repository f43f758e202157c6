// SPDX-License-Identifier: Apache-2.0

import Notation

/// A property of any type.
package protocol AnyProperty: Sendable {
    var name: String { get }
    var place: PropertyPlace { get }
    var isRequired: Bool { get }
    /// Whether an empty parameter of a query is as none.
    var mayBeEmpty: Bool { get }
    var schema: JSONSchema { get }
    /// What it must be, to complete a sentence.
    var words: String { get }

    /// - Parameter member: nil if the object has none of this name.
    func check(_ member: JSON?) throws(FormFault)

    /// - Returns: what a text of a path, a query or a header means in JSON.
    func parse(_ text: String) -> JSON
}
