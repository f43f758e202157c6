// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Ingest
import NIOCore
import NIOHTTP1
import Notation
import Stripe

/// `POST /webhooks/stripe`: what `WebhookReceiver` returns, in HTTP.
struct WebhookRoute: HotRoute {
    /// Seconds.
    private static let retryAfter = 5

    let method = WebhookAPI.deliver.endpoint.hotMethod
    let path = WebhookAPI.deliver.endpoint.hotPath
    let bodyLimit = BodyLimit(bytes: WebhookAPI.deliver.endpoint.bodyLimit)
    let memory: BodyMemory? = BodyMemory(bytes: 128 * 1024 * 1024)

    private let receiver: WebhookReceiver

    init(_ receiver: WebhookReceiver) {
        self.receiver = receiver
    }

    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) -> SignatureHeader {
        do throws(WebhookReceiver.Refusal) {
            return try receiver.admit(headers.value(of: "stripe-signature"), from: remoteAddress?.ipAddress)
        } catch {
            throw Self.problem(error)
        }
    }

    func answer(_ request: HotRequest<SignatureHeader>, _ reply: HotReply) {
        let lease = request.lease
        let body = Array(request.body.readableBytesView)
        receiver.receive(body, claim: request.claim, from: request.remoteAddress?.ipAddress) { result in
            // The body is kept until here.
            withExtendedLifetime(lease) {
                reply {
                    switch result {
                    case .success(let acknowledgement): Self.answer(acknowledgement)
                    case .failure(let refusal): HotAnswer(Self.problem(refusal))
                    }
                }
            }
        }
    }

    private static func answer(_ acknowledgement: WebhookReceiver.Acknowledgement) -> HotAnswer {
        // This runs for every event, so it is built by hand, without the types of `WebhookAPI.Receipt`.
        let document: JSON = [
            "received": true, "id": .string(acknowledgement.id), "outcome": .string(acknowledgement.receipt.rawValue),
        ]
        return HotAnswer(document.bytes)
    }

    private static func problem(_ refusal: WebhookReceiver.Refusal) -> ProblemDetails {
        switch refusal {
        case .notSigned(let error): .badRequest(code: error.code, detail: "\(error)")
        case .unavailable(let detail): .serviceUnavailable(detail: detail, retryAfter: retryAfter)
        }
    }
}
