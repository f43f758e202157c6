// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Notation
import Stripe
import StripeAPI

/// The webhook endpoints of a Stripe account: the only thing that Tollgate ever changes there.
package struct WebhookEndpoints: Sendable {
    private static let path = "/v1/webhook_endpoints"
    /// Stripe allows 16 for each mode; more pages than that are no list of it.
    private static let pageLimit = 50

    private let client: StripeClient

    package init(_ client: StripeClient) {
        self.client = client
    }

    /// All of them, with Stripe's clock.
    /// - Throws: `StripeAPIError`
    package func list() async throws -> (endpoints: [WebhookEndpoint], date: Timestamp?) {
        var endpoints: [WebhookEndpoint] = []
        for _ in 0..<Self.pageLimit {
            let request =
                if let last = endpoints.last {
                    StripeRequest.get(Self.path, ["limit": "100", "starting_after": last.id])
                } else {
                    StripeRequest.get(Self.path, ["limit": "100"])
                }
            let answer = try await client.answer(to: request)
            let body = try answer.json()
            guard let page = body["data"]?.array else {
                throw StripeAPIError.unreadable("a list of webhook endpoints has no data")
            }
            for json in page { endpoints.append(try WebhookEndpoint(json)) }
            guard body["has_more"]?.bool == true, !page.isEmpty else { return (endpoints, answer.date) }
        }
        throw StripeAPIError.unreadable("the list of webhook endpoints does not end")
    }

    /// Makes one.
    /// - Parameter earlier: the one that an earlier call has made: Stripe answers with that one and its secret, as long as it
    ///   remembers, and no other is made.
    /// - Returns: nil if Stripe answers with another one than `earlier`.
    /// - Throws: `StripeAPIError`; one that is transient or unreadable leaves open whether it was made.
    package func create(
        _ creation: EndpointCreation, again earlier: WebhookEndpoint? = nil
    ) async throws -> (endpoint: WebhookEndpoint, secret: ShownSecret)? {
        let key = "tollgate-setup-\(creation.setup)"
        if let earlier {
            let answer = try await create(creation, idempotencyKey: key)
            return answer.endpoint.id == earlier.id ? answer : nil
        }
        do {
            let first = try await create(creation, idempotencyKey: key)
            _ = try await client.send(.get("\(Self.path)/\(first.endpoint.id)"))
            return first
        } catch StripeAPIError.notFound, StripeAPIError.refused {
            // Stripe also remembers an endpoint that was deleted since, and a refusal whose reason is gone. There is none that
            // an earlier call has made, or it would be repeated.
            return try await create(creation, idempotencyKey: "\(key)-\(UUID().uuidString.lowercased())")
        }
    }

    private func create(
        _ creation: EndpointCreation, idempotencyKey: String
    ) async throws -> (endpoint: WebhookEndpoint, secret: ShownSecret) {
        let answer = try await client.send(.post(Self.path, creation.form, idempotencyKey: idempotencyKey))
        guard let secret = answer["secret"]?.string.flatMap(ShownSecret.init) else {
            throw StripeAPIError.unreadable("a new webhook endpoint has no secret")
        }
        return (try WebhookEndpoint(answer), secret)
    }

    /// - Parameter types: nil to leave them as they are.
    /// - Throws: `StripeAPIError`
    package func update(_ id: String, types: Set<String>? = nil, isEnabled: Bool) async throws {
        var form = (types?.sorted() ?? []).map { (name: "enabled_events[]", value: $0) }
        form.append(("disabled", isEnabled ? "false" : "true"))
        if isEnabled { form.append(("metadata[\(EndpointMark.state)]", EndpointMark.current)) }
        _ = try await client.send(
            .post("\(Self.path)/\(id)", form, idempotencyKey: "tollgate-\(UUID().uuidString.lowercased())"))
    }
}
