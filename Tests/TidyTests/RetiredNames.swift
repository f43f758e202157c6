/// Names that this code has given up for a term of the field.
enum RetiredNames {
    static let better: [String: String] = [
        "AccessKey": "CustomerKey",
        "AccessListening": "AccessCacheInvalidator",
        "Impatience": "ForcedExit",
        "Topic": "EventTopic",
    ]
}
