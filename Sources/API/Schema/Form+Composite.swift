// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form {
    /// The same, or null.
    static func nullable<Wrapped>(_ form: Form<Wrapped>) -> Form where Value == Wrapped? { form.orNull }

    static func list<Element>(_ form: Form<Element>) -> Form where Value == [Element] {
        Form(
            JSONSchema(["type": "array", "items": form.schema.json], components: form.schema.components), "a list",
            reader: { json throws(FormFault) in
                guard let elements = json.array else { throw FormFault("must be a list") }
                var values: [Element] = []
                values.reserveCapacity(elements.count)
                for (index, element) in elements.enumerated() {
                    do throws(FormFault) {
                        values.append(try form.read(element))
                    } catch {
                        throw error.within("[\(index)]")
                    }
                }
                return values
            }, writer: { .array($0.map(form.write)) })
    }

    /// Elements that are judged one by one, later: here only their number counts.
    static func unread<Content>(_ type: Content.Type, atMost limit: Int) -> Form
    where Content: ObjectContent, Value == [JSON] {
        let form = Form<[Object<Content>]>.list(of: type)
        return Form(
            form.schema.with(["maxItems": .integer(Int64(limit))]), "a list of at most \(limit)",
            reader: { json throws(FormFault) in
                guard let elements = json.array, elements.count <= limit else {
                    throw FormFault("must be a list of at most \(limit)")
                }
                return elements
            }, writer: JSON.array)
    }

    static func list<Content>(of type: Content.Type) -> Form where Value == [Object<Content>] {
        list(Form<Object<Content>>.object(type))
    }

    /// An object whose names are ids.
    static func map<Content>(of type: Content.Type) -> Form where Value == [String: Object<Content>] {
        let form = Form<Object<Content>>.object(type)
        let schema = JSONSchema(
            ["type": "object", "additionalProperties": form.schema.json], components: form.schema.components)
        return Form(
            schema, "an object",
            reader: { json throws(FormFault) in
                guard let members = json.object else { throw FormFault("must be an object") }
                var values: [String: Object<Content>] = [:]
                for (name, member) in members {
                    do throws(FormFault) {
                        values[name] = try form.read(member)
                    } catch {
                        throw error.within(name)
                    }
                }
                return values
            }, writer: { .object($0.mapValues(form.write)) })
    }

    static func object<Content>(_ type: Content.Type) -> Form where Value == Object<Content> {
        Form(
            Content.form.schema, "an object",
            reader: { json throws(FormFault) in try Object<Content>(reading: json) }, writer: \.json)
    }
}
