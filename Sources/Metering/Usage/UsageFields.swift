// SPDX-License-Identifier: Apache-2.0

import Notation

/// The fields of a usage object. Null is the same as absent, and neither is 0.
struct UsageFields {
    let path: String
    let members: [String: JSON]

    /// No call uses as much of anything, and sums of such numbers are within 64 bits.
    static let limit: Int64 = 1_000_000_000_000

    init(_ json: JSON, at path: String) throws(UsageFault) {
        guard case .object(let members) = json else {
            throw UsageFault(.usage, path, "is no object", value: json)
        }
        self.path = path
        self.members = members.filter { $0.value != .null }
    }

    /// - Throws: for what is no whole number from 0 to a million million.
    func quantity(_ key: String) throws(UsageFault) -> Int64? {
        guard let json = members[key] else { return nil }
        guard case .integer(let value) = json else { throw fault(key, "is no whole number", advice: Self.advice) }
        guard value >= 0 else { throw fault(key, "is negative", advice: Self.advice) }
        guard value <= Self.limit else { throw fault(key, "is more than any call uses", advice: Self.advice) }
        return value
    }

    private static let advice = "report the number as the provider gave it"

    func required(_ key: String) throws(UsageFault) -> Int64 {
        guard let value = try quantity(key) else {
            throw fault(key, "is missing", advice: "report the provider's whole usage object, and its dialect")
        }
        return value
    }

    func object(_ key: String) throws(UsageFault) -> UsageFields? {
        guard let json = members[key] else { return nil }
        return try UsageFields(json, at: "\(path).\(key)")
    }

    func text(_ key: String) throws(UsageFault) -> String? {
        guard let json = members[key] else { return nil }
        guard case .string(let text) = json else { throw fault(key, "is no text") }
        return text
    }

    /// A part of another number, which contains it.
    func check(_ part: String, isWithin whole: Int64, of name: String) throws(UsageFault) {
        guard let value = try quantity(part), value > whole else { return }
        throw fault(part, "is more than \(name), of which it is a part")
    }

    /// - Parameter keys: only another dialect has them.
    func refuse(_ keys: [String], of dialect: UsageRecord.Dialect) throws(UsageFault) {
        for key in keys where members[key] != nil {
            throw fault(
                key, "is a field of another dialect", advice: "report the call with the dialect \"\(dialect.rawValue)\""
            )
        }
    }

    func fault(_ key: String, _ words: String, advice: String? = nil) -> UsageFault {
        UsageFault(.usage, "\(path).\(key)", words, value: members[key], advice: advice)
    }
}
