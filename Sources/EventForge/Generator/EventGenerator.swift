// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Hashing
import Stripe

/// Makes and signs events, each with its own id, over a known set of customers.
package struct EventGenerator: Sendable {
    /// What happens to a customer from a failed renewal to a refund, in this order.
    package static let story: [(type: String, credits: Int64?)] = [
        ("invoice.payment_failed", nil), ("invoice.paid", nil), ("customer.subscription.updated", nil),
        ("checkout.session.completed", 100), ("payment_intent.succeeded", 100), ("charge.refunded", nil),
    ]
    /// Events of one customer come about a hundred events apart, as they would in a mix of many customers.
    private static let spread = 97
    private static let month: Int64 = 30 * 86_400
    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private let templates: [RequestTemplate]
    private let signer: Signer
    private let customers: Int
    /// The step from one customer to the next: seemingly random, yet every customer gets a turn.
    private let stride: Int
    private let stories: Int
    /// Increases from run to run: an id begins with the time, as Stripe's do.
    private let base: UInt64
    private var random = FastRandom()
    private var number = 0
    private var scratch: [UInt8] = []
    private var record: [UInt8] = []

    /// - Parameters:
    ///   - templates: one for each kind of event, used in turn.
    ///   - total: how many events there will be, so that every story comes to its end; nil if unknown.
    package init(_ templates: [RequestTemplate], secret: WebhookSecret, customers: Int, total: Int? = nil)
        throws(HMACError)
    {
        self.templates = templates
        self.customers = customers
        signer = try Signer(secret)
        var stride = 61_803 % customers
        while Self.greatestCommonDivisor(stride, customers) != 1 { stride += 1 }
        self.stride = stride
        stories = total.map { max(1, ($0 + templates.count - 1) / templates.count) } ?? .max
        base = UInt64(max(0, Date.now.timeIntervalSince1970 * 1_000_000))
    }

    /// Continues as if `count` events had been made.
    package mutating func skip(_ count: Int) {
        number += count
    }

    /// Appends the records of this many events, signed now.
    mutating func make(_ count: Int, into records: inout [UInt8]) throws(HMACError) {
        let now = Int64(Date.now.timeIntervalSince1970)
        let time = Array("\(now)".utf8)
        for _ in 0..<count {
            let kind = number % templates.count
            let story = (number / templates.count + Self.spread * (templates.count - 1 - kind)) % stories
            record.removeAll(keepingCapacity: true)
            appendToken(UInt64(number))
            appendToken(UInt64(story), isRandom: false)
            append((story % customers * stride) % customers + 1, digits: EventFields.Field.customer.range.count)
            append(Int(now - Int64(random.next() % UInt64(Self.month))), digits: EventFields.Field.created.range.count)
            record.append(contentsOf: repeatElement(0, count: EventFields.kind - record.count))
            record.append(UInt8(kind))
            try templates[kind].sign(&record, with: signer, at: time, scratch: &scratch)
            records.append(contentsOf: record)
            number += 1
        }
    }

    func template(of kind: UInt8) -> RequestTemplate { templates[Int(kind)] }

    /// 24 letters and digits: `1`, the time and a counter, and a random rest (not random if several events name it).
    private mutating func appendToken(_ counter: UInt64, isRandom: Bool = true) {
        let start = record.count
        record.append(UInt8(ascii: "1"))
        var rest = base + counter
        record.append(contentsOf: repeatElement(0, count: 8))
        for position in (start + 1...start + 8).reversed() {
            record[position] = Self.letters[Int(rest % 62)]
            rest /= 62
        }
        record.append(contentsOf: "Tollgate0".utf8)
        for _ in 0..<6 { record.append(Self.letters[isRandom ? Int(random.next() % 62) : 0]) }
    }

    private mutating func append(_ value: Int, digits: Int) {
        let start = record.count
        record.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var rest = value
        var position = start + digits - 1
        while rest > 0, position >= start {
            record[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            position -= 1
        }
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        second == 0 ? first : greatestCommonDivisor(second, first % second)
    }
}
