// SPDX-License-Identifier: Apache-2.0

import Notation

/// The endpoint that Stripe posts to.
package enum WebhookAPI {
    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("WebhookParameters", Parameters())

        package let signature = Property(header: "Stripe-Signature", .signature)
    }

    /// The outcome of a delivery.
    package enum OutcomeWord: String, CaseIterable {
        case accepted, duplicate, quarantined, spooled
    }

    package struct Receipt: ObjectContent {
        package static let form = ObjectForm("Receipt", Receipt())

        package let received = Property("received", .isTrue)
        package let id = Property("id", .eventID)
        package let outcome = Property("outcome", .word(of: OutcomeWord.self))
    }

    /// In bytes. Stripe's largest size is unpublished; 52 KB has been seen.
    package static let bodyLimit = 1024 * 1024

    package static let deliver = Operation<Parameters, Nothing, Receipt>(
        Endpoint(
            method: .post, path: "/webhooks/stripe", id: "deliverEvent", sides: [.public], caller: .anybody,
            summary: "Take an event: durable before the answer",
            parameters: Parameters.form.properties, body: JSONSchema([:]),
            bodyDescription: """
                The event's exact bytes, as the signature is of them. What is signed by a known secret and is no event is \
                kept all the same, as quarantined.
                """, bodyLimit: bodyLimit,
            answers: [
                Endpoint.Answer(
                    status: 200, mediaType: "application/json", schema: Receipt.form.schema,
                    description: "It is durable, or was before.")
            ],
            problems: ProblemCode.common(.anybody, [], hasBody: false).union([
                .missingSignature, .malformedSignature, .signatureMismatch, .timestampOutsideTolerance,
                .payloadTooLarge, .unsupportedContentEncoding,
            ]), links: []))

    static let endpoints = [deliver.endpoint]
}
