// SPDX-License-Identifier: Apache-2.0

import API
import NIOHTTP1
import Notation
import Stripe

/// Posts events as Stripe does: the body's bytes signed at the moment of sending.
struct EventSender {
    let target: WebAddress
    let secret: WebhookSecret
    let authorities: Authorities

    /// Sends one event after the other, and goes on after one that is refused.
    /// - Parameter answered: called with each event's id and its answer.
    /// - Returns: how many were not answered with 2xx.
    func send(
        _ count: Int,
        _ event: () throws -> JSON,
        answered: (String, ServiceClient.Answer) -> Void
    ) async throws -> Int {
        let path = target.path.isEmpty ? WebhookAPI.deliver.endpoint.path : target.path
        return try await ServiceClient.with(base: target.base, authorities: authorities) { service in
            var refused = 0
            for _ in 0..<count {
                let event = try event()
                let body = event.bytes
                let answer = try await service.send(
                    .POST,
                    path,
                    headers: [
                        ("Content-Type", "application/json; charset=utf-8"),
                        ("Stripe-Signature", try secret.sign(body: body, at: WallClock.now)),
                    ],
                    body: body
                )
                answered(event["id"]?.string ?? "", answer)
                if !answer.isSuccess { refused += 1 }
            }
            return refused
        }
    }
}
