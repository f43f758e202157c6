// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is declared of one method on one path: who may call it, what it takes, and all that it answers.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    package enum Side: String, CaseIterable, Sendable {
        /// What Stripe posts to.
        case `public`
        /// For gateways, operators and whoever watches over the process.
        case `private`
    }

    /// Whose token opens it.
    package enum Caller: Sendable {
        case anybody
        case gateway
        case admin
    }

    /// An answer that is no problem.
    package struct Answer: Sendable {
        package let status: Int
        package let mediaType: String
        package let schema: JSONSchema?
        let description: String
    }

    /// Where a later request finds an id of this answer.
    struct Link: Sendable {
        let operation: String
        let parameter: String
        /// A JSON pointer into the answer.
        let pointer: String
    }

    package let method: Method
    /// With its parameters in braces: `/admin/v1/events/{id}`.
    package let path: String
    package let id: String
    package let sides: Set<Side>
    package let caller: Caller
    let summary: String
    /// Those of path, query and headers.
    package let parameters: [any AnyProperty]
    /// nil where it reads none.
    package let body: JSONSchema?
    let bodyDescription: String?
    /// In bytes; what is larger is 413.
    package let bodyLimit: Int
    /// The first is the usual one.
    package let answers: [Answer]
    /// All problems that it may answer.
    package let problems: Set<ProblemCode>
    let links: [Link]

    /// Whether it refuses what it has no parameter for, as all do but those that others call with parameters of their own.
    package let isStrict: Bool

    /// The segments of the path.
    var segments: [Substring] { path.split(separator: "/") }
}
