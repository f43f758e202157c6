// SPDX-License-Identifier: Apache-2.0

import Notation

/// Reads one of Stripe's objects leniently: a reference may be an id or an expanded object, and an absent key is the
/// same as null. What is present but unusable is an error that says where.
struct Fields {
    private let json: JSON
    let path: String

    init(_ json: JSON, at path: String) {
        self.json = json
        self.path = path
    }

    /// The path of a key, from the top of the event.
    func path(of key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    subscript(_ key: String) -> JSON? { json[key] }

    /// An object within this one, which may be absent. Keys are separated by dots.
    func nested(_ keys: String) throws(FieldError) -> Fields {
        var (value, place) = (json, path)
        for key in keys.split(separator: ".") {
            place = place.isEmpty ? String(key) : "\(place).\(key)"
            value = value[String(key)] ?? .null
            guard value == .null || value.object != nil else { throw FieldError(place, "is no object", value: value) }
        }
        return Fields(value, at: place)
    }

    /// The elements of a list object, `{"data": […]}`; none if it is absent.
    func items(_ key: String) throws(FieldError) -> [Fields] {
        guard let list = json[key] else { return [] }
        guard let elements = list["data"]?.array else {
            throw FieldError(path(of: key), "is no list with data", value: list)
        }
        return elements.enumerated().map { index, item in Fields(item, at: path(of: "\(key).data.\(index)")) }
    }

    /// These fields, once checked to be an object's.
    var checked: Fields {
        get throws(FieldError) {
            guard json.object != nil else { throw FieldError(path, "is no object", value: json) }
            return self
        }
    }

    /// A text as it is; nil for anything else.
    func string(_ key: String) -> String? { json[key]?.string }

    /// One of Stripe's keywords: a status, a mode, a reason.
    func word(_ key: String) throws(FieldError) -> String? {
        guard let value = json[key] else { return nil }
        // PostgreSQL cannot store NUL.
        guard let word = value.string, word.utf8.count <= 255, !word.utf8.contains(0) else {
            throw FieldError(path(of: key), "is no text of at most 255 bytes without NUL", value: value)
        }
        return word
    }

    func flag(_ key: String) throws(FieldError) -> Bool? {
        guard let value = json[key] else { return nil }
        guard let flag = value.bool else { throw FieldError(path(of: key), "is neither true nor false", value: value) }
        return flag
    }

    /// A reference to another object: an id, or the expanded object with one. Of several keys, the first present.
    func reference(_ keys: String...) throws(FieldError) -> String? {
        guard let key = keys.first(where: { json[$0] != nil }), let value = json[key] else { return nil }
        guard let id = value.string ?? value["id"]?.string, ID.isValid(id) else {
            throw FieldError(path(of: key), "is no id", value: value["id"] ?? value)
        }
        return id
    }

    func requiredID() throws(FieldError) -> String {
        guard let id = try reference("id") else { throw FieldError(path(of: "id"), "is missing") }
        return id
    }

    /// Since clover a customer may be an account (`acct_…`), named in its own field.
    var customer: String? {
        get throws(FieldError) { try reference("customer", "customer_account") }
    }

    /// A price or plan, as an id (which in old plans may contain dots) or expanded. Nil if no price map could name it.
    /// Of several keys, the first present.
    func price(_ keys: String...) throws(FieldError) -> String? {
        guard let key = keys.first(where: { json[$0] != nil }), let value = json[key] else { return nil }
        guard let id = value.string ?? value["id"]?.string else {
            throw FieldError(path(of: key), "is no id", value: value["id"] ?? value)
        }
        return ID.isPrice(id) ? id : nil
    }

    /// `currency`, three lower-case letters; nil for anything else: amounts still count without it.
    var currency: String? {
        guard let code = string("currency")?.lowercased(), code.utf8.count == 3 else { return nil }
        return code.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ? code : nil
    }

    func integer(_ key: String) throws(FieldError) -> Int64? {
        guard let value = json[key] else { return nil }
        guard let integer = value.integer else {
            throw FieldError(path(of: key), "is not a whole number of 64 bits", value: value)
        }
        return integer
    }

    /// Money in the currency's smallest unit, 0 or more. Of several keys, the first present.
    func amount(_ keys: String...) throws(FieldError) -> Int64? {
        guard let key = keys.first(where: { json[$0] != nil }), let amount = try integer(key) else { return nil }
        guard amount >= 0 else { throw FieldError(path(of: key), "is below zero", value: .integer(amount)) }
        return amount
    }

    func requiredAmount(_ key: String) throws(FieldError) -> Int64 {
        guard let amount = try amount(key) else { throw FieldError(path(of: key), "is missing") }
        return amount
    }

    /// Unix seconds.
    func time(_ key: String) throws(FieldError) -> Timestamp? {
        guard let seconds = try integer(key) else { return nil }
        let time = Timestamp(seconds: seconds)
        guard Timestamp.range.contains(time) else {
            throw FieldError(path(of: key), "is no time between 1970 and 2100", value: .integer(seconds))
        }
        return time
    }

    /// A time that the rest does not depend on: nil if it is unusable.
    func hint(_ key: String) -> Timestamp? {
        try? time(key)
    }

    /// `metadata`, empty if there is none.
    var metadata: Metadata {
        get throws(FieldError) {
            guard let value = json["metadata"] else { return Metadata(values: [:], path: path(of: "metadata")) }
            guard let values = value.object else {
                throw FieldError(path(of: "metadata"), "is no object", value: value)
            }
            return Metadata(values: values, path: path(of: "metadata"))
        }
    }
}
