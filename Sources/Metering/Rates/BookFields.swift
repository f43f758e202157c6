// SPDX-License-Identifier: Apache-2.0

import Notation

/// The fields of an object of a price book or a plan. Null is the same as absent.
struct BookFields {
    let path: String
    let members: [String: JSON]

    init(_ json: JSON, at path: String) throws(FieldError) {
        guard case .object(let members) = json else { throw FieldError(path, "is no object", value: json) }
        self.path = path
        self.members = members.filter { $0.value != .null }
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func error(_ key: String, _ reason: String, advice: String? = nil) -> FieldError {
        FieldError(path(of: key), reason, value: members[key], advice: advice)
    }

    /// - Throws: for any other field: a price under a wrong name would be no price.
    func refuseOthers(than keys: Set<String>) throws(FieldError) {
        for key in members.keys.sorted() where !keys.contains(key) {
            throw error(key, "is no field here", advice: "fields are \(keys.sorted().joined(separator: ", "))")
        }
    }

    /// - Throws: also for a text that is empty, or longer than any name.
    func name(_ key: String) throws(FieldError) -> String {
        guard let json = members[key] else { throw error(key, "is missing") }
        guard let name = json.string, Self.isName(name) else {
            throw error(key, "is no name of 1 to 256 visible letters")
        }
        return name
    }

    func names(_ key: String) throws(FieldError) -> [String] {
        let names = try elements(key).map { $0.string ?? "" }
        guard names.allSatisfy(Self.isName) else { throw error(key, "is no list of names of 1 to 256 visible letters") }
        guard Set(names).count == names.count else { throw error(key, "has a name twice") }
        return names
    }

    private static func isName(_ text: String) -> Bool { 1...256 ~= text.utf8.count && text.isVisibleASCII }

    func elements(_ key: String) throws(FieldError) -> [JSON] {
        guard let json = members[key] else { return [] }
        guard let elements = json.array, elements.count <= 10_000 else {
            throw error(key, "is no list of at most 10000 elements")
        }
        return elements
    }

    func instant(_ key: String) throws(FieldError) -> Timestamp {
        guard let json = members[key] else { throw error(key, "is missing") }
        guard let instant = json.string.flatMap(Timestamp.init(rfc3339:)), Timestamp.range.contains(instant) else {
            throw error(key, "is no time", advice: "write it as 2026-11-26T09:00:00Z")
        }
        return instant
    }

    func decimal(_ key: String) throws(FieldError) -> DecimalNumber? {
        guard let json = members[key] else { return nil }
        guard let number = DecimalNumber(json) else {
            throw error(key, "is no decimal number", advice: "write it as \"0.25\", without an exponent")
        }
        return number
    }

    /// An amount that prices and markups are compared with: neither negative nor finer than 10^-12 dollars.
    func dollars(_ key: String) throws(FieldError) -> Dollars? {
        guard let number = try decimal(key) else { return nil }
        guard number.coefficient >= 0, number.decimals <= UnitPrice.decimals, let dollars = Dollars(number) else {
            throw error(key, "is no amount of dollars with at most \(UnitPrice.decimals) decimals")
        }
        return dollars
    }

    func factor(_ key: String) throws(FieldError) -> Factor? {
        guard let number = try decimal(key) else { return nil }
        guard let factor = Factor(number) else {
            throw error(
                key, "is no factor",
                advice: "it is above 0, at most 1000000, and has at most \(Factor.decimalLimit) decimals")
        }
        return factor
    }

    /// Factors by what they are for.
    func factors(_ key: String) throws(FieldError) -> [String: Factor] {
        guard let json = members[key] else { return [:] }
        let fields = try BookFields(json, at: path(of: key))
        var factors: [String: Factor] = [:]
        for name in fields.members.keys.sorted() {
            guard Self.isName(name) else { throw error(key, "has a name that is none of 1 to 256 visible letters") }
            factors[name] = try fields.factor(name)
        }
        return factors
    }
}
