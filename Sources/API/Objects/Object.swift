// SPDX-License-Identifier: Apache-2.0

import Notation

/// An object of the contract: JSON whose members have the types that its content declares.
///
/// ```swift
/// let price = Object<PriceContent> {
///     $0.price = "price_1"
///     $0.credits = 500
/// }
/// price.json
/// ```
@dynamicMemberLookup
package struct Object<Content: ObjectContent>: Hashable, Sendable {
    /// The content's members have its types; others come from a newer server, and stay as received.
    private var members: [String: JSON]

    /// - Throws: for the first member that is missing or malformed.
    package init(reading json: JSON) throws(FormFault) {
        guard let members = json.object else { throw FormFault("must be an object") }
        for property in Content.form.properties { try property.check(members[property.name]) }
        self.members = members
    }

    /// - Parameter fill: sets every required property.
    package init(_ fill: (inout Object) throws -> Void) rethrows {
        members = [:]
        try fill(&self)
        assert(
            Content.form.properties.allSatisfy { !$0.isRequired || members[$0.name] != nil },
            "\(Content.form.name) is not complete: \(members.keys.sorted())")
    }

    package var json: JSON { .object(members) }

    package subscript<Value>(dynamicMember path: KeyPath<Content, Property<Value>>) -> Value {
        get {
            let property = Content.form.content[keyPath: path]
            do {
                return try property.read(members[property.name])
            } catch {
                // Checked when it was read, or set with its type.
                preconditionFailure("\(Content.form.name).\(property.name) \(error.reason)")
            }
        }
        set {
            let property = Content.form.content[keyPath: path]
            members[property.name] = property.write(newValue)
        }
    }
}
