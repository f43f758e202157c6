/// Reads one object of Stripe's leniently: a reference may be an id or an expanded object, an absent key and a
/// null are the same. What is there but unusable is an error that says where.
struct Fields {
    let json: JSON
    private let path: String

    init(_ json: JSON, at path: String) {
        self.json = json
        self.path = path
    }

    /// The path of a key, from the top of the event.
    func path(of key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    func string(_ key: String) -> String? { json[key]?.string }

    /// A reference to another object: an id, or the expanded object with one.
    func reference(_ key: String) throws(FieldError) -> String? {
        guard let value = json[key] else { return nil }
        guard let id = value.string ?? value["id"]?.string, ID.isValid(id) else {
            throw FieldError(path(of: key), "is no id")
        }
        return id
    }

    func requiredID() throws(FieldError) -> String {
        guard let id = try reference("id") else { throw FieldError(path(of: "id"), "is missing") }
        return id
    }

    func amount(_ key: String) throws(FieldError) -> Int64? {
        guard let value = json[key] else { return nil }
        guard let amount = value.integer else { throw FieldError(path(of: key), "is not a whole number") }
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

    /// `metadata`, empty where there is none.
    var metadata: Metadata {
        Metadata(values: json["metadata"]?.object ?? [:], path: path(of: "metadata"))
    }
}
