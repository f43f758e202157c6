// SPDX-License-Identifier: Apache-2.0

import Notation

/// How a value is represented in JSON: what the schema admits, and how it is read and written. Reading and schema are
/// declared side by side, so that neither can change alone.
package struct Form<Value: Sendable>: Sendable {
    package let schema: JSONSchema
    /// What the value must be, to complete a sentence: `a number from 1 to 100`.
    package let words: String
    private let reader: @Sendable (JSON) throws(FormFault) -> Value
    private let writer: @Sendable (Value) -> JSON
    private let parser: @Sendable (String) -> JSON

    /// - Parameters:
    ///   - words: complete a sentence that begins with "must be".
    ///   - parse: converts a text from a path, a query or a header to JSON.
    ///   - read: returns nil for anything that is not of this form.
    init(
        _ schema: @autoclosure @escaping @Sendable () -> JSON,
        _ words: String,
        parse: @escaping @Sendable (String) -> JSON = JSON.string,
        read: @escaping @Sendable (JSON) -> Value?,
        write: @escaping @Sendable (Value) -> JSON
    ) {
        self.init(
            JSONSchema(schema()), words, parse: parse,
            reader: { json throws(FormFault) in
                guard let value = read(json) else { throw FormFault("must be \(words)") }
                return value
            }, writer: write)
    }

    /// For a value that contains others, whose faults have their own paths.
    init(
        _ schema: JSONSchema,
        _ words: String,
        parse: @escaping @Sendable (String) -> JSON = JSON.string,
        reader: @escaping @Sendable (JSON) throws(FormFault) -> Value,
        writer: @escaping @Sendable (Value) -> JSON
    ) {
        self.schema = schema
        self.words = words
        self.reader = reader
        self.writer = writer
        parser = parse
    }

    package func read(_ json: JSON) throws(FormFault) -> Value { try reader(json) }

    package func write(_ value: Value) -> JSON { writer(value) }

    /// - Returns: what a text of a path, a query or a header means in JSON.
    func parse(_ text: String) -> JSON { parser(text) }

    /// The same, or null.
    var orNull: Form<Value?> {
        Form<Value?>(
            schema.orNull, "\(words), or null", parse: parser,
            reader: { [reader] json throws(FormFault) in json == .null ? nil : try reader(json) },
            writer: { [writer] value in value.map(writer) ?? .null })
    }

    /// Adds keywords for readers of the schema, such as `examples`.
    func with(_ keywords: [String: JSON]) -> Form {
        Form(schema.with(keywords), words, parse: parser, reader: reader, writer: writer)
    }
}
