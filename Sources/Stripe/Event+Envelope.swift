// SPDX-License-Identifier: Apache-2.0

import Notation

extension Event {
    /// What an event says about itself: what the inbox stores beside the bytes.
    package struct Envelope: Sendable, Hashable {
        package let id: String
        package let type: String
        /// When it happened at Stripe, in whole seconds for snapshot events. Never a basis for ordering on its own.
        package let created: Timestamp
        package let livemode: Bool?
        /// The connected account it belongs to; nil for the platform's own.
        package let account: String?
        package let apiVersion: String?
        /// The customer it names, so that it can be found again; nil if it names none, or not by a usable id.
        package let customer: String?

        /// Checks the whole body, as `Event(payload:)` does, and decodes only what is kept here.
        /// - Throws: what `Event(payload:)` throws for these bytes.
        package init(payload: some Collection<UInt8>) throws(DecodingFailure) {
            self = try Event.read(Self.selection, of: payload, Envelope.init(json:))
        }

        /// Everything that `init(json:)` looks at.
        private static let selection = JSON.Selection.only([
            "object": .scalar, "id": .scalar, "type": .scalar, "created": .scalar, "livemode": .scalar,
            "account": .everything, "context": .everything, "api_version": .everything,
            "data": .only([
                "object": .only([
                    "object": .scalar, "id": .scalar,
                    "customer": .only(["id": .scalar]), "customer_account": .only(["id": .scalar]),
                ])
            ]),
        ])

        /// - Parameter json: the whole event, or the parts of it that `selection` names.
        init(json: JSON) throws(FieldError) {
            let fields = Fields(json, at: "")
            guard case .object = json else { throw FieldError("", "is not a JSON object") }
            guard ["event", "v2.core.event"].contains(fields.string("object")) else {
                throw FieldError("object", "is not `event` or `v2.core.event`")
            }
            id = try fields.printable("id")
            type = try fields.printable("type")
            created = try fields.created()
            livemode = json["livemode"]?.bool
            account = fields.label("account") ?? fields.label("context")
            apiVersion = fields.label("api_version")
            customer = Self.customer(of: json["data"]?["object"])
        }

        private static func customer(of object: JSON?) -> String? {
            guard let object else { return nil }
            if object["object"] == "customer" { return object["id"]?.string.flatMap { ID.isValid($0) ? $0 : nil } }
            let reference = object["customer"] ?? object["customer_account"]
            return (reference?.string ?? reference?["id"]?.string).flatMap { ID.isValid($0) ? $0 : nil }
        }
    }
}

extension Fields {
    fileprivate func printable(_ key: String) throws(FieldError) -> String {
        guard let value = self[key] else { throw FieldError(key, "is missing") }
        guard let text = value.string, (1...255).contains(text.utf8.count), text.isPrintableASCII
        else { throw FieldError(key, "is not 1 to 255 printable ASCII characters") }
        return text
    }

    /// Unix seconds in snapshot events, ISO-8601 in thin ones.
    fileprivate func created() throws(FieldError) -> Timestamp {
        guard let value = self["created"] else { throw FieldError("created", "is missing") }
        let time = value.integer.map(Timestamp.init(seconds:)) ?? value.string.flatMap(Timestamp.init(rfc3339:))
        guard let time, Timestamp.range.contains(time) else {
            throw FieldError("created", "is no time between 1970 and 2100")
        }
        return time
    }

    /// A short text; anything but plain text is shown as its JSON, so that it matches no configured account.
    fileprivate func label(_ key: String) -> String? {
        guard let value = self[key] else { return nil }
        if let text = value.string, (1...255).contains(text.utf8.count), text.isPrintableASCII {
            return text
        }
        return String(decoding: value.bytes.filter(\.isPrintableASCII).prefix(255), as: UTF8.self)
    }
}
