// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// The objects that a refetch has been answered with.
struct FoundObjects: Sendable {
    struct Found: Sendable {
        let object: JSON
        /// When it looked like that.
        let asked: Timestamp
    }

    private var byKind: [ObjectKind: [String: Found]] = [:]
    /// The questions that were answered to their end.
    var answered: Set<RefetchQuestion> = []

    subscript(_ kind: ObjectKind, _ id: String) -> JSON? { byKind[kind]?[id]?.object }

    /// In the order of ids.
    func all(_ kind: ObjectKind) -> [(id: String, found: Found)] {
        (byKind[kind] ?? [:]).sorted { $0.key < $1.key }.map { (id: $0.key, found: $0.value) }
    }

    /// The objects without when they were asked for, in the order of ids.
    func objects(_ kind: ObjectKind) -> [JSON] { all(kind).map(\.found.object) }

    /// - Returns: false if it is no such object.
    mutating func add(_ object: JSON, _ kind: ObjectKind, asked: Timestamp) -> Bool {
        guard let id = object["id"]?.string, ID.isValid(id) else { return false }
        byKind[kind, default: [:]][id] = Found(object: object, asked: asked)
        // What older versions, and mocks of Stripe, embed is not asked for again.
        var embedded: [(JSON?, ObjectKind)] = []
        switch kind {
        case .paymentIntent:
            embedded = (object.at("charges.data")?.array ?? []).map { ($0, .charge) }
            embedded.append((object["latest_charge"], .charge))
        case .invoice: embedded = [(object["charge"], .charge), (object["payment_intent"], .paymentIntent)]
        default: break
        }
        for case (let part?, let kind) in embedded where part.object != nil {
            if let id = part["id"]?.string, self[kind, id] == nil { _ = add(part, kind, asked: asked) }
        }
        return true
    }

    // MARK: What belongs together

    /// The payments of an invoice that Stripe lists since 2025-05-28.basil.
    func payments(of invoice: String) -> [JSON] {
        objects(.invoicePayment).filter { $0.reference("invoice") == invoice }
    }

    /// What was meant to pay an invoice.
    func intents(of invoice: JSON) -> [String] {
        let listed = invoice.reference("id").map(payments) ?? []
        let named = [invoice.reference("payment_intent")] + listed.map { $0["payment"]?.reference("payment_intent") }
        return Set(named.compactMap(\.self)).sorted()
    }

    /// Every attempt to pay an invoice.
    func charges(of invoice: JSON) -> [JSON] {
        let intents = Set(intents(of: invoice))
        let listed = invoice.reference("id").map(payments) ?? []
        let named = Set(
            ([invoice.reference("charge")] + listed.map { $0["payment"]?.reference("charge") }).compactMap(\.self))
        return objects(.charge).filter { charge in
            charge.reference("payment_intent").map(intents.contains) ?? false
                || charge.reference("id").map(named.contains) ?? false
        }
    }

    func charges(of intent: String) -> [JSON] {
        objects(.charge).filter { $0.reference("payment_intent") == intent }
    }

    func refunds(of charge: String) -> [JSON] {
        objects(.refund).filter { $0.reference("charge") == charge }
    }
}

extension JSON {
    /// An id, or that of an expanded object; nil for anything else.
    func reference(_ key: String) -> String? {
        guard let id = self[key]?.string ?? self[key]?["id"]?.string, ID.isValid(id) else { return nil }
        return id
    }

    /// Whether a member is there, if only as null.
    func hasMember(_ key: String) -> Bool { object?[key] != nil }

    /// Unix seconds; nil for anything that is no time of an event.
    func time(_ key: String) -> Timestamp? {
        guard let seconds = self[key]?.integer else { return nil }
        let time = Timestamp(seconds: seconds)
        return Timestamp.range.contains(time) ? time : nil
    }
}
