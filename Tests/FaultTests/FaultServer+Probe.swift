// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import Stripe
import TestSupport

extension FaultServer {
    /// The status of a GET without headers of its own.
    func ask(_ path: String, port: Int) async throws -> UInt {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 20)
        return response.status.code
    }

    /// The status of posting a signed event with this number.
    func post(_ number: Int) async throws -> UInt {
        let event = Events.checkout(id: "evt_probe_\(number)").bytes
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/webhooks/stripe")
        request.method = .POST
        let secret = try WebhookSecret(value: Self.secret)
        request.headers.add(name: "Stripe-Signature", value: try secret.sign(body: event, at: .now))
        request.body = .bytes(ByteBuffer(bytes: event))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 20)
        return response.status.code
    }
}
