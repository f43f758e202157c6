// SPDX-License-Identifier: Apache-2.0

import Notation

/// The declaration of one method on one path: who may call it, what it takes, and everything that it answers.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
        case options = "OPTIONS"
        case trace = "TRACE"
    }

    package enum Side: String, CaseIterable, Sendable {
        /// The one that Stripe posts to.
        case `public`
        /// The one for gateways, operators and monitoring.
        case `private`
    }

    /// Whose token opens it.
    package enum Caller: Sendable {
        case anybody
        case gateway
        case admin
        /// The client of a gateway, by an API key beside the gateway's own token.
        case client
    }

    /// An answer that is not a problem.
    package struct Answer: Sendable {
        package let status: Int
        package let mediaType: String
        package let schema: JSONSchema?
        let description: String
    }

    /// Which later request uses ids from this answer.
    struct Link: Sendable {
        let operation: String
        /// JSON pointers into the answer, by the parameter.
        let pointers: [String: String]

        init(operation: String, _ pointers: [String: String]) {
            self.operation = operation
            self.pointers = pointers
        }

        init(operation: String, parameter: String, pointer: String) {
            self.init(operation: operation, [parameter: pointer])
        }
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
    /// Nil if it reads none.
    package let body: JSONSchema?
    let bodyDescription: String?
    /// In bytes; a larger body gets 413.
    package let bodyLimit: Int
    /// The first is the usual one.
    package let answers: [Answer]
    /// All problems that it may answer with.
    package let problems: Set<ProblemCode>
    let links: [Link]
    /// Headers that an answer of a status always has, beside those that go with every answer of the status.
    package var answerHeaders: [Int: [String]] = [:]

    /// The segments of the path.
    var segments: [Substring] { path.split(separator: "/") }
}
