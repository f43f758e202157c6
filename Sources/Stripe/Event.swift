/// What Stripe posts: a snapshot event, or a thin v2 event that only names its object.
public struct Event: Sendable, Hashable {
    public let envelope: Envelope
    /// `data.object`; nil for thin events and for what is malformed.
    public let object: JSON?
    public let previousAttributes: JSON?

    /// Why rightly signed bytes are no event.
    public enum DecodingFailure: Error, Hashable, CustomStringConvertible {
        case json(JSON.DecodingFailure)
        case field(FieldError)

        public var description: String {
            switch self {
            case .json(let failure): failure.description
            case .field(let error): error.description
            }
        }
    }

    /// Decodes the raw body once; everything Tollgate later believes comes from this result.
    public init(payload: some Collection<UInt8>) throws(DecodingFailure) {
        self = try Self.read(.everything, of: payload, Event.init(json:))
    }

    /// What `make` makes of the selected parts of a body that is checked in whole.
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

    /// - Throws: what is not right with it, from the top.
    public init(json: JSON) throws(FieldError) {
        envelope = try Envelope(json: json)
        object = json.at("data.object").flatMap { $0.object == nil ? nil : $0 }
        previousAttributes = json.at("data.previous_attributes")
    }

    public var id: String { envelope.id }
    public var type: String { envelope.type }
    public var created: Timestamp { envelope.created }
    public var livemode: Bool? { envelope.livemode }
    public var account: String? { envelope.account }
    public var apiVersion: String? { envelope.apiVersion }
    public var customer: String? { envelope.customer }
}
