/// A customer. Source: https://docs.stripe.com/api/customers/object
public struct Customer: Sendable, Hashable {
    public let id: String

    public init(_ object: JSON) throws(FieldError) {
        id = try Fields(object, at: "data.object").requiredID()
    }
}
