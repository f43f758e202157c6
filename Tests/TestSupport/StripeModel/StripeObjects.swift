// SPDX-License-Identifier: Apache-2.0

import Notation

/// The objects as they are in the end, and as Stripe's API shows them: by id, and in lists, the newest first.
package struct StripeObjects: Sendable {
    private var byID: [String: [String: JSON]] = [:]

    package init() {}

    subscript(_ id: String) -> [String: JSON]? { byID[id] }

    /// Adds an object, or changes members of it. An object without a time was made at `now`.
    package mutating func put(_ id: String, _ members: [String: JSON], now: Timestamp) {
        let known = byID[id] ?? ["id": .string(id), "created": .integer(now.seconds), "livemode": true]
        byID[id] = known.merging(members) { $1 }
    }

    mutating func merge(_ other: StripeObjects) {
        byID.merge(other.byID) { $0.merging($1) { $1 } }
    }

    /// The ids of the objects of a kind that have this value for a member.
    package func ids(_ kind: String, where key: String, is value: JSON) -> [String] {
        byID.filter { $1["object"] == .string(kind) && ($1[key] ?? .null) == value }.keys.sorted()
    }

    private static let kinds: [String: String] = [
        "/v1/customers": "customer", "/v1/subscriptions": "subscription", "/v1/invoices": "invoice",
        "/v1/charges": "charge", "/v1/payment_intents": "payment_intent", "/v1/refunds": "refund",
        "/v1/checkout/sessions": "checkout.session", "/v1/disputes": "dispute",
        "/v1/invoice_payments": "invoice_payment",
    ]

    /// What Stripe's API answers to `GET` of this path and query; nil for 404.
    /// - Parameter pageSize: fewer than were asked for, so that there are several pages; nil for one with which all is read.
    package func answer(to target: String, pageSize: Int? = nil) -> JSON? {
        let parts = target.split(separator: "?", maxSplits: 1)
        let path = String(parts[0])
        let pairs = parts.count < 2 ? [] : parts[1].split(separator: "&")
        let query: [(key: String, value: String)] = pairs.map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1).map { PercentEncoding.decode(String($0)) ?? "" }
            return (key: sides[0], value: sides.count > 1 ? sides[1] : "")
        }
        let expands = query.contains { $0.key == "expand[]" && $0.value.hasSuffix("refunds") }
        guard let kind = Self.kinds[path] else {
            guard let end = path.lastIndex(of: "/"), let kind = Self.kinds[String(path[..<end])] else { return nil }
            let object = byID[String(path[path.index(after: end)...])]
            return object.flatMap { $0["object"] == .string(kind) ? shown($0, expands) : nil }
        }
        var objects = byID.values.filter { $0["object"] == .string(kind) }.map { JSON.object($0) }
        var after: String?
        for (key, value) in query {
            switch key {
            case "limit", "expand[]", "payment[type]": break
            case "status" where value == "all": break
            case "starting_after": after = value
            case "created[gt]": objects.removeAll { ($0["created"]?.integer ?? 0) <= Int64(value) ?? 0 }
            case "payment[payment_intent]":
                objects.removeAll { $0.at("payment.payment_intent") != .string(value) }
            default: objects.removeAll { $0[key] != .string(value) }
            }
        }
        objects.sort { one, other in
            (one["created"]?.integer ?? 0, one["id"]?.string ?? "") > (
                other["created"]?.integer ?? 0, other["id"]?.string ?? ""
            )
        }
        let start = after.flatMap { after in objects.firstIndex { $0["id"]?.string == after } }.map { $0 + 1 } ?? 0
        let size = pageSize ?? max(2, (objects.count + 7) / 8)
        let page = objects[start...].prefix(size).compactMap { $0.object.map { shown($0, expands) } }
        return [
            "object": "list", "url": .string(path), "data": .array(page),
            "has_more": .bool(start + page.count < objects.count),
        ]
    }

    /// A charge with its refunds, if they are expanded: the first ones.
    private func shown(_ object: [String: JSON], _ expands: Bool) -> JSON {
        guard expands, object["object"] == "charge", let id = object["id"] else { return .object(object) }
        let refunds = byID.values.filter { $0["object"] == "refund" && $0["charge"] == id }.map { JSON.object($0) }
            .sorted { ($0["id"]?.string ?? "") < ($1["id"]?.string ?? "") }
        var object = object
        object["refunds"] = [
            "object": "list", "data": .array(Array(refunds.prefix(2))), "has_more": .bool(refunds.count > 2),
        ]
        return .object(object)
    }
}
