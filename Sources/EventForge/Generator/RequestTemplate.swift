// SPDX-License-Identifier: Apache-2.0

import Hashing
import NIOCore
import Notation
import Stripe

/// A request that posts an event, as bytes of which only a few places differ from one event to the next.
package struct RequestTemplate: Sendable {
    private struct Place: Sendable {
        let offset: Int
        let field: EventFields.Field
    }

    /// The prefix of the customer ids that `bench` makes; eight digits follow.
    package static let customerPrefix = "cus_bench"

    private let request: [UInt8]
    private let bodyStart: Int
    private let places: [Place]

    /// - Parameters:
    ///   - type: for example `invoice.paid`.
    ///   - credits: how many credits the purchase buys; nil if it buys none.
    ///   - created: roughly when the events happen: the times inside the event are relative to it.
    ///   - path: where it is posted.
    ///   - authority: the `Host` header.
    package init(
        _ type: String,
        credits: Int64? = nil,
        creditsKey: String,
        created: Timestamp,
        livemode: Bool,
        path: String,
        authority: String
    ) {
        // Nothing else in an event looks like these.
        let payment = String(repeating: "~", count: EventFields.Field.payment.range.count)
        let customer = String(repeating: "@", count: EventFields.Field.customer.range.count)
        let template = EventTemplate(
            type: type,
            customer: Self.customerPrefix + customer,
            invoice: "in_\(payment)",
            subscription: "sub_bench\(customer)",
            paymentIntent: "pi_\(payment)",
            credits: credits,
            creditsKey: creditsKey,
            created: created,
            livemode: livemode
        )
        var random = SystemRandomNumberGenerator()
        let event = template.event(using: &random)
        // Whatever is new with every event contains the event's own random part.
        let token = event["id"]?.string?.dropFirst("evt_".count) ?? ""
        // Stripe sends indented JSON too.
        let body = Array(event.indented.utf8)

        var request = Array(
            """
            POST \(path) HTTP/1.1\r
            Host: \(authority)\r
            User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r
            Accept: */*; q=0.5, application/xml\r
            Content-Type: application/json; charset=utf-8\r
            Cache-Control: no-cache\r
            Content-Length: \(body.count)\r
            Stripe-Signature: t=
            """.utf8)
        var places = [Place(offset: request.count, field: .signedAt)]
        request += [UInt8](repeating: UInt8(ascii: "0"), count: EventFields.Field.signedAt.range.count)
        request += Array(",v1=".utf8)
        places.append(Place(offset: request.count, field: .signature))
        request += [UInt8](repeating: UInt8(ascii: "0"), count: EventFields.Field.signature.range.count)
        request += Array("\r\n\r\n".utf8)
        bodyStart = request.count
        request += body
        let marks: [(String, EventFields.Field)] = [
            (String(token), .token), (payment, .payment), (customer, .customer), ("\(created.seconds)", .created),
        ]
        for (mark, field) in marks {
            places += Self.offsets(of: Array(mark.utf8), in: request, from: bodyStart).map {
                Place(offset: $0, field: field)
            }
        }
        self.request = request
        self.places = places
    }

    /// The size of each event's body, in bytes.
    var bodySize: Int { request.count - bodyStart }

    /// Signs the event that a record describes, and puts the signature into the record.
    /// - Parameters:
    ///   - record: `EventFields.size` bytes, still without the signature.
    ///   - scratch: working memory, reused from one call to the next.
    func sign(_ record: inout [UInt8], with signer: Signer, at time: [UInt8], scratch: inout [UInt8]) throws(HMACError)
    {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: request[bodyStart...])
        for place in places where place.offset >= bodyStart {
            for (index, position) in place.field.range.enumerated() {
                scratch[place.offset - bodyStart + index] = record[position]
            }
        }
        record.replaceSubrange(EventFields.Field.signedAt.range, with: time)
        // A result, not a throw: the closures that lend bytes cannot pass on a typed error.
        let outcome = scratch.withUnsafeBytes { body in
            record.withUnsafeMutableBytes { record -> Result<Void, HMACError> in
                let digits = UnsafeMutableRawBufferPointer(rebasing: record[EventFields.Field.signature.range])
                do throws(HMACError) {
                    return .success(try signer.sign(body, timestamp: time, into: digits))
                } catch {
                    return .failure(error)
                }
            }
        }
        try outcome.get()
    }

    /// Writes the whole request that a record describes.
    /// - Parameter start: where the record begins in `records`.
    func write(_ records: [UInt8], at start: Int, to buffer: inout ByteBuffer) {
        let begin = buffer.writerIndex
        buffer.writeBytes(request)
        for place in places {
            let range = place.field.range
            buffer.setBytes(
                records[start + range.lowerBound..<start + range.upperBound], at: begin + place.offset)
        }
    }

    private static func offsets(of mark: [UInt8], in bytes: [UInt8], from start: Int) -> [Int] {
        guard !mark.isEmpty, start + mark.count <= bytes.count else { return [] }
        return (start...bytes.count - mark.count).filter { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
    }
}
