// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation

/// How lots are stored in `account`, and what holds took from them in `hold`.
enum StoredLot {
    static func encode(_ lots: [Lot]) -> JSON {
        .array(
            lots.map { lot in
                var json: [String: JSON] = [
                    "id": .string(lot.id), "kind": .string(lot.kind.rawValue), "remaining": .integer(lot.remaining),
                    "held": .integer(lot.held),
                ]
                json["purchase"] = lot.purchase.map(JSON.string)
                json["expires_at"] = lot.expiresAt.map { .string("\($0)") }
                return .object(json)
            })
    }

    static func decode(_ json: JSON) throws(StoreError) -> [Lot] {
        guard let array = json.array else { throw .unknownValue("lots") }
        return try array.map { json throws(StoreError) in
            guard let id = json["id"]?.string, let kind = json["kind"]?.string, let held = json["held"]?.integer,
                let remaining = json["remaining"]?.integer, 0 <= held, held <= remaining
            else { throw .unknownValue("lots") }
            return Lot(
                id: id, kind: try storedWord(kind, "lots"), purchase: json["purchase"]?.string, remaining: remaining,
                held: held, expiresAt: try time(json["expires_at"]))
        }
    }

    static func encode(_ parts: [Hold.Part]) -> JSON {
        .array(
            parts.map { part in
                var json: [String: JSON] = [
                    "lot": .string(part.lot), "kind": .string(part.kind.rawValue), "amount": .integer(part.amount),
                ]
                json["expires_at"] = part.expiresAt.map { .string("\($0)") }
                return .object(json)
            })
    }

    static func decodeParts(_ json: JSON) throws(StoreError) -> [Hold.Part] {
        guard let array = json.array else { throw .unknownValue("parts") }
        return try array.map { json throws(StoreError) in
            guard let lot = json["lot"]?.string, let kind = json["kind"]?.string, let amount = json["amount"]?.integer
            else { throw .unknownValue("parts") }
            return Hold.Part(
                lot: lot, kind: try storedWord(kind, "parts"), amount: amount, expiresAt: try time(json["expires_at"]))
        }
    }

    /// - Returns: nil for none.
    static func encode(_ amounts: [String: Int64]) -> JSON? {
        amounts.isEmpty ? nil : .object(amounts.mapValues(JSON.integer))
    }

    static func decodeAmounts(_ json: JSON?) throws -> [String: Int64] {
        guard let json else { return [:] }
        guard let members = json.object else { throw StoreError.unknownValue("lapsed") }
        return try members.mapValues { amount in
            guard let amount = amount.integer else { throw StoreError.unknownValue("lapsed") }
            return amount
        }
    }

    private static func time(_ json: JSON?) throws(StoreError) -> Timestamp? {
        guard let json else { return nil }
        guard let time = json.string.flatMap(Timestamp.init(rfc3339:)) else { throw .unknownValue("expires_at") }
        return time
    }
}
