// SPDX-License-Identifier: Apache-2.0

import Notation

/// Whether the owner of an API key may call, for gateways that ask before they pass a request on. By any method, and by
/// any path below it.
package enum AuthorizeAPI {
    package static let path = "/v1/authorize"

    /// The headers of a 200 and of a 403, in the order in which they are sent: all of them, always, and empty where there is
    /// nothing to say. A gateway passes on the client's own value of a header that is not sent.
    package enum Header: String, CaseIterable, Sendable {
        case customer = "Tollgate-Customer"
        case key = "Tollgate-Key"
        case reason = "Tollgate-Reason"
        case until = "Tollgate-Until"
        case credits = "Tollgate-Credits"
        case version = "Tollgate-Version"
        case stale = "Tollgate-Stale"
    }

    private static let answerHeaders = Header.allCases.map(\.rawValue) + ["Cache-Control"]

    package static let minimumCredits = 0...PricesAPI.credits.upperBound

    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("AuthorizeParameters", Parameters())

        /// The gateway's own token, where `Authorization` carries the client's key.
        package let gatewayToken = Property(maybeHeader: "Tollgate-Gateway-Token", .string)
        /// The client's key, where it is not in `Authorization`.
        package let key = Property(maybeHeader: "X-Api-Key", .string)
        package let minimumCredits = Property(maybeHeader: "Tollgate-Minimum-Credits", .creditsText)
    }

    /// Why the flag denies: the code is the reason.
    package static let denials: Set<ProblemCode> = [
        .paymentOverdue, .creditsExhausted, .noSubscription, .subscriptionEnded, .disputed, .overrideDeny,
        .customerDeleted,
    ]

    static let endpoints: [Endpoint] =
        [.get, .put, .post, .patch, .delete, .options, .trace].map { (method: Endpoint.Method) in
            Endpoint(
                method: method, path: path, id: "authorizeBy\(method.rawValue)", sides: [.private],
                caller: .client, summary: "Whether the owner of an API key may call; for gateways",
                parameters: Parameters.form.properties, body: nil, bodyDescription: nil, bodyLimit: 0,
                answers: [Endpoint.Answer(status: 200, mediaType: "", schema: nil, description: "It may.")],
                problems: denials.union([.invalidKey, .insufficientCredits, .gatewayUnauthorized, .invalidParameter])
                    .union(ProblemCode.common(.anybody, [], hasBody: false)), links: [],
                answerHeaders: [200: answerHeaders, 403: answerHeaders])
        }
}
