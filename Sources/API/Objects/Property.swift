// SPDX-License-Identifier: Apache-2.0

import Notation

/// One member of an object, or one parameter of a request: its name, and how its value is read and written.
package struct Property<Value: Sendable>: AnyProperty {
    package let name: String
    package let place: PropertyPlace
    /// What its absence means; nil if it is required.
    let absence: Value?
    private let form: Form<Value>
    /// For an optional value, it says nothing about absence.
    package let schema: JSONSchema
    package let words: String
    /// Whether it is omitted for a given value, such as nil.
    private let isLeftOut: @Sendable (Value) -> Bool

    package let mayBeEmpty: Bool

    package var isRequired: Bool { absence == nil }

    private init(
        _ name: String,
        _ place: PropertyPlace,
        _ form: Form<Value>,
        absence: Value?,
        schema: JSONSchema,
        words: String,
        mayBeEmpty: Bool = true,
        isLeftOut: @escaping @Sendable (Value) -> Bool = { _ in false }
    ) {
        self.name = name
        self.place = place
        self.form = form
        self.absence = absence
        self.schema = schema
        self.words = words
        self.mayBeEmpty = mayBeEmpty
        self.isLeftOut = isLeftOut
    }

    private init(_ name: String, _ place: PropertyPlace, required form: Form<Value>) {
        self.init(name, place, form, absence: nil, schema: form.schema, words: form.words)
    }

    private init<Wrapped>(_ name: String, _ place: PropertyPlace, optional form: Form<Wrapped>, schema: JSONSchema)
    where Value == Wrapped? {
        self.init(
            name, place, form.orNull, absence: .some(nil), schema: schema, words: form.words, isLeftOut: { $0 == nil })
    }

    /// A member that is always there.
    init(_ name: String, _ form: Form<Value>) {
        self.init(name, .body, required: form)
    }

    /// A member of an answer that is omitted if there is nothing to say.
    init<Wrapped>(maybe name: String, _ form: Form<Wrapped>) where Value == Wrapped? {
        self.init(name, .body, optional: form, schema: form.schema)
    }

    /// A member of a request that may be omitted, or null.
    init<Wrapped>(optional name: String, _ form: Form<Wrapped>) where Value == Wrapped? {
        self.init(name, .body, optional: form, schema: form.schema.orNull)
    }

    init(path name: String, _ form: Form<Value>) {
        self.init(name, .path, required: form)
    }

    init(header name: String, _ form: Form<Value>) {
        self.init(name, .header, required: form)
    }

    /// A header that may be missing.
    init<Wrapped>(maybeHeader name: String, _ form: Form<Wrapped>) where Value == Wrapped? {
        self.init(name, .header, optional: form, schema: form.schema)
    }

    init(required name: String, _ form: Form<Value>) {
        self.init(name, .query, required: form)
    }

    /// A parameter of the query, which may be left out, or empty.
    init<Wrapped>(query name: String, _ form: Form<Wrapped>) where Value == Wrapped? {
        self.init(name, .query, optional: form, schema: form.schema.orEmpty)
    }

    /// A parameter of the query that may be left out, but not empty: an empty one was meant to say something.
    init<Wrapped>(filledQuery name: String, _ form: Form<Wrapped>) where Value == Wrapped? {
        self.init(
            name, .query, form.orNull, absence: .some(nil), schema: form.schema, words: form.words, mayBeEmpty: false,
            isLeftOut: { $0 == nil })
    }

    init(query name: String, _ form: Form<Value>, default value: Value) {
        let schema = form.schema.orEmpty.with(["default": form.write(value)])
        self.init(name, .query, form, absence: value, schema: schema, words: form.words)
    }

    package func parse(_ text: String) -> JSON { form.parse(text) }

    /// Whether a text of a path, a query or a header is a value of it.
    package func admits(_ text: String) -> Bool {
        do throws(FormFault) {
            try check(parse(text))
            return true
        } catch {
            return false
        }
    }

    package func check(_ member: JSON?) throws(FormFault) {
        _ = try read(member)
    }

    func read(_ member: JSON?) throws(FormFault) -> Value {
        guard let member else {
            if let absence { return absence }
            throw .missing(name)
        }
        do throws(FormFault) {
            return try form.read(member)
        } catch {
            throw error.within(name)
        }
    }

    /// - Returns: nil if it is omitted.
    func write(_ value: Value) -> JSON? { isLeftOut(value) ? nil : form.write(value) }
}
