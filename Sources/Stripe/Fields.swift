/// Reads one object of Stripe's leniently: a reference may be an id or an expanded object, an absent key and a
/// null are the same. What is there but unusable is an error that says where.
struct Fields {
    private let json: JSON
    let path: String

    init(_ json: JSON, at path: String) {
        self.json = json
        self.path = path
    }

    /// The path of a key, from the top of the event.
    func path(of key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    subscript(_ key: String) -> JSON? { json[key] }

    /// An object within this one, which may not be there. Keys are separated by dots.
    func nested(_ keys: String) -> Fields {
        Fields(json.at(keys) ?? .null, at: path(of: keys))
    }

    /// The elements of a list object, `{"data": […]}`.
    func list<T>(_ key: String, _ element: (Fields) throws(FieldError) -> T) throws(FieldError) -> [T] {
        var elements: [T] = []
        for (index, item) in (json[key]?["data"]?.array ?? []).enumerated() {
            elements.append(try element(Fields(item, at: path(of: "\(key).data.\(index)"))))
        }
        return elements
    }

    func string(_ key: String) -> String? { json[key]?.string }

    /// A reference to another object: an id, or the expanded object with one. Of several keys the first that is there.
    func reference(_ keys: String...) throws(FieldError) -> String? {
        guard let key = keys.first(where: { json[$0] != nil }), let value = json[key] else { return nil }
        guard let id = value.string ?? value["id"]?.string, ID.isValid(id) else {
            throw FieldError(path(of: key), "is no id")
        }
        return id
    }

    func requiredID() throws(FieldError) -> String {
        guard let id = try reference("id") else { throw FieldError(path(of: "id"), "is missing") }
        return id
    }

    /// Since clover a customer may be an account (`acct_…`), named in a field of its own.
    var customer: String? {
        get throws(FieldError) { try reference("customer", "customer_account") }
    }

    /// A price or plan, as an id (which in old plans may hold dots) or expanded. What no price map could name is
    /// none. Of several keys the first that is there.
    func price(_ keys: String...) -> String? {
        guard let value = keys.lazy.compactMap({ json[$0] }).first else { return nil }
        return (value.string ?? value["id"]?.string).flatMap { ID.isPrice($0) ? $0 : nil }
    }

    func integer(_ key: String) throws(FieldError) -> Int64? {
        guard let value = json[key] else { return nil }
        guard let integer = value.integer else { throw FieldError(path(of: key), "is not a whole number of 64 bits") }
        return integer
    }

    /// Money in the currency's smallest unit, 0 or more. Of several keys the first that is there.
    func amount(_ keys: String...) throws(FieldError) -> Int64? {
        guard let key = keys.first(where: { json[$0] != nil }), let amount = try integer(key) else { return nil }
        guard amount >= 0 else { throw FieldError(path(of: key), "is below zero") }
        return amount
    }

    func requiredAmount(_ key: String) throws(FieldError) -> Int64 {
        guard let amount = try amount(key) else { throw FieldError(path(of: key), "is missing") }
        return amount
    }

    /// Unix seconds; nil for what is no whole number.
    func time(_ key: String) throws(FieldError) -> Timestamp? {
        guard let seconds = json[key]?.integer else { return nil }
        let time = Timestamp(seconds: seconds)
        guard Timestamp.range.contains(time) else {
            throw FieldError(path(of: key), "is no time between 1970 and 2100")
        }
        return time
    }

    /// A time without which the rest still counts: nil for what is unusable.
    func hint(_ key: String) -> Timestamp? {
        try? time(key)
    }

    /// `metadata`, empty where there is none.
    var metadata: Metadata {
        Metadata(values: json["metadata"]?.object ?? [:], path: path(of: "metadata"))
    }
}
