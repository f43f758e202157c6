// SPDX-License-Identifier: Apache-2.0

import Notation

/// One request to Stripe's API.
package struct StripeRequest: Sendable {
    enum Content: Sendable {
        case none
        /// A change: sent twice, it is made once.
        case form([(name: String, value: String)], idempotencyKey: String)
        /// The same without a body.
        case call(idempotencyKey: String)
    }

    let path: String
    private let query: [(name: String, value: String)]
    let content: Content
    /// The connected account that it is about: `acct_…`.
    package var account: String?
    /// The same for the API's second version.
    package var context: String?
    /// The event that it is sent because of.
    package var trigger: String?
    /// How often it is sent at most, and how long an answer may take; nil for what the client does with others.
    private(set) var attempts: Int?
    private(set) var timeLimit: Duration?

    /// For who asks again by himself, later: it is sent once, and soon given up.
    package mutating func sendOnce() { (attempts, timeLimit) = (1, .seconds(10)) }

    /// Reads.
    /// - Parameters:
    ///   - path: from its slash on, percent-encoded: `/v1/events`.
    ///   - query: names as Stripe writes them: `created[gte]`.
    package static func get(_ path: String, _ query: KeyValuePairs<String, String> = [:]) -> StripeRequest {
        get(path, pairs: query.map { (name: $0.key, value: $0.value) })
    }

    /// The same, with a query that depends on something.
    package static func get(_ path: String, pairs: [(name: String, value: String)]) -> StripeRequest {
        StripeRequest(path: path, query: pairs, content: .none)
    }

    /// Asks an object of the API's second version to do something.
    package static func call(_ path: String, idempotencyKey: String) -> StripeRequest {
        StripeRequest(path: path, query: [], content: .call(idempotencyKey: idempotencyKey))
    }

    /// Changes.
    /// - Parameter idempotencyKey: the same for the same change.
    package static func post(
        _ path: String, _ form: [(name: String, value: String)], idempotencyKey: String
    ) -> StripeRequest {
        StripeRequest(path: path, query: [], content: .form(form, idempotencyKey: idempotencyKey))
    }

    private init(path: String, query: [(name: String, value: String)], content: Content) {
        precondition(path.hasPrefix("/"), "a path begins with a slash, or the key would go to another host")
        self.path = path
        self.query = query
        self.content = content
    }

    /// Path and query.
    var target: String { query.isEmpty ? path : "\(path)?\(Self.encoded(query))" }

    static func encoded(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(PercentEncoding.segment($0.name))=\(PercentEncoding.segment($0.value))" }.joined(separator: "&")
    }
}
