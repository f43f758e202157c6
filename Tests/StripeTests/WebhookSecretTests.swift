// SPDX-License-Identifier: Apache-2.0

import Hashing
import Testing

@testable import Stripe

@Suite struct WebhookSecretTests {
    @Test("a blank secret is refused", arguments: ["", " ", "\t", "\n", " \r\n ", "\u{A0}", "\u{3000}"])
    func blank(_ value: String) {
        #expect(throws: SignatureSetupError.blankSecret(label: "main")) {
            try WebhookSecret(label: "main", value: value)
        }
    }

    @Test(
        "a placeholder is refused",
        arguments: [
            "whsec_", "whsec_...", "whsec_…", "whsec_xxx", "whsec_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", "whsec_***",
            "changeme", "change-me", "CHANGE_ME", "whsec_changeme", "whsec_replace_me", "your_secret_here",
            "whsec_your_signing_secret", "<whsec_secret>", "whsec_<secret>", "$STRIPE_WEBHOOK_SECRET", "${SECRET}",
            "{{ secret }}", "TODO", "placeholder", "...", "xxx",
        ]
    )
    func placeholder(_ value: String) {
        #expect(throws: SignatureSetupError.placeholderSecret(label: nil)) { try WebhookSecret(value: value) }
    }

    @Test("an API key is refused", arguments: ["sk_live_1", "sk_test_1", "rk_live_1", "rk_test_1", "pk_live_1"])
    func apiKey(_ value: String) {
        #expect(throws: SignatureSetupError.apiKeyAsSecret(label: nil)) { try WebhookSecret(value: value) }
    }

    @Test(
        "a real secret is taken",
        arguments: [
            "whsec_4dPzRr8v1QmYc2uXn7TgLb5KjWs9HfEa", "whsec_yourR8v1QmYc2uXn7TgLb5KjWs9HfEa1", "whsec_test_secret",
            "whsec_a", "whsec_x1", "secret", "whsec_" + String(repeating: "0a", count: 32),
        ]
    )
    func real(_ value: String) throws {
        #expect(try WebhookSecret(value: value).value == value)
    }

    @Test("no way of printing a secret shows it")
    func redacted() throws {
        let secret = try WebhookSecret(label: "connect", value: "whsec_tellnobody")
        let verifier = try SignatureVerifier(secrets: [secret])
        var dumped = ""
        dump(secret, to: &dumped)
        dump(verifier, to: &dumped)
        dump([secret: [secret]], to: &dumped)
        let texts = [
            "\(secret)", String(reflecting: secret), String(describing: [secret]), String(describing: ["a": secret]),
            "\(verifier)", String(reflecting: verifier), "\(Optional(secret) as Any)", dumped,
        ]
        for text in texts { #expect(!text.contains("tellnobody")) }
        #expect("\(secret)".contains("connect"))
    }

    @Test("a verifier needs a secret and a tolerance")
    func setup() throws {
        let secret = try WebhookSecret(value: "whsec_a")
        #expect(throws: SignatureSetupError.noSecrets) { try SignatureVerifier(secrets: []) }
        for tolerance in [Duration.zero, .seconds(-1)] {
            #expect(throws: SignatureSetupError.toleranceNotPositive) {
                try SignatureVerifier(secrets: [secret], tolerance: tolerance)
            }
        }
    }

    @Test("what OpenSSL cannot do is an error in its own words")
    func openSSLError() {
        let error = HMACError(function: "EVP_MAC_fetch")
        #expect(error.description == "OpenSSL's EVP_MAC_fetch failed (no reason given)")
        #expect(SignatureError.unverifiable(error).code == "signature_mismatch")
    }
}
