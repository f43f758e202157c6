// SPDX-License-Identifier: Apache-2.0

import Notation

/// What Stripe posts: a snapshot event, or a thin v2 event that only names its object.
package struct Event: Sendable, Hashable {
    package let envelope: Envelope
    /// `data.object`; nil for thin events and for malformed ones.
    package private(set) var object: JSON?
    package let previousAttributes: JSON?

    /// Why correctly signed bytes are not an event.
    package enum DecodingFailure: Error, Hashable, CustomStringConvertible {
        case json(JSON.DecodingFailure)
        case field(FieldError)

        package var description: String {
            switch self {
            case .json(let failure): failure.description
            case .field(let error): error.description
            }
        }

        /// The same without any value of the body.
        package var loggable: String {
            switch self {
            case .json(let failure): failure.description
            case .field(let error): error.loggable
            }
        }
    }

    /// Decodes the raw body once; everything Tollgate later believes comes from this result.
    package init(payload: some Collection<UInt8>) throws(DecodingFailure) {
        self = try Self.read(.everything, of: payload, Event.init(json:))
    }

    /// What `make` makes of the selected parts of a body; the whole body is checked.
    static func read<Value>(
        _ selection: JSON.Selection,
        of payload: some Collection<UInt8>,
        _ make: (JSON) throws(FieldError) -> Value
    ) throws(DecodingFailure) -> Value {
        let json: JSON
        do throws(JSON.DecodingFailure) {
            json = try JSON(selection, of: payload)
        } catch {
            throw .json(error)
        }
        do throws(FieldError) {
            return try make(json)
        } catch {
            throw .field(error)
        }
    }

    /// - Throws: the first thing that is wrong with it, from the top.
    package init(json: JSON) throws(FieldError) {
        envelope = try Envelope(json: json)
        object = json.at("data.object").flatMap { $0.object == nil ? nil : $0 }
        previousAttributes = json.at("data.previous_attributes")
    }

    /// The same event, with another value for a member of its object.
    package func replacing(_ key: String, with value: JSON) -> Event {
        var event = self
        guard var members = object?.object else { return event }
        members[key] = value
        event.object = .object(members)
        return event
    }

    package var id: String { envelope.id }
    package var type: String { envelope.type }
    package var created: Timestamp { envelope.created }
    package var livemode: Bool? { envelope.livemode }
    package var account: String? { envelope.account }
    package var apiVersion: String? { envelope.apiVersion }
    package var customer: String? { envelope.customer }
}
