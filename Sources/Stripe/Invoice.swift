/// An invoice as any API version renders it.
/// Source: https://docs.stripe.com/api/invoices/object and the 2025-03-31.basil changelog.
public struct Invoice: Sendable, Hashable {
    public let id: String
    public let customer: String?
    /// The subscription it bills: `parent` since basil, the top-level field before, else what its lines name.
    public let subscription: String?
    public let billingReason: String?
    public let status: String?
    /// The latest `lines.data[].period.end`; nil where no line carries a period.
    public let periodEnd: Timestamp?

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.reference("customer")
        billingReason = fields.string("billing_reason")
        status = fields.string("status")
        let lines = object.at("lines.data")?.array ?? []
        subscription = try Self.subscription(of: object, lines: lines, fields: fields)
        periodEnd = try Self.periodEnd(of: lines, fields: fields)
    }

    private static func periodEnd(of lines: [JSON], fields: Fields) throws(FieldError) -> Timestamp? {
        var latest: Timestamp?
        for (index, line) in lines.enumerated() {
            guard let period = line["period"] else { continue }
            let end = try Fields(period, at: fields.path(of: "lines.data.\(index).period")).time("end")
            latest = [latest, end].compactMap(\.self).max()
        }
        return latest
    }

    private static func subscription(of object: JSON, lines: [JSON], fields: Fields) throws(FieldError) -> String? {
        if let details = object.at("parent.subscription_details") {
            if let id = try Fields(details, at: fields.path(of: "parent.subscription_details")).reference(
                "subscription")
            {
                return id
            }
        }
        if let id = try fields.reference("subscription") { return id }
        for (index, line) in lines.enumerated() {
            let path = fields.path(of: "lines.data.\(index)")
            if let details = line.at("parent.subscription_item_details"),
                let id = try Fields(details, at: "\(path).parent.subscription_item_details").reference("subscription")
            {
                return id
            }
            if let id = try Fields(line, at: path).reference("subscription") { return id }
        }
        return nil
    }
}
