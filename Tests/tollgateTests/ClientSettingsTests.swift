import Stripe
import Testing

@testable import tollgate

@Suite struct ClientSettingsTests {
    private static let development = [
        "STRIPE_WEBHOOK_SECRET": "whsec_ofdev000000000000000000000000000",
        "TOLLGATE_ADMIN_TOKEN": "token-of-dev-0123456789",
        "TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:18080", "TOLLGATE_PRIVATE_ADDRESS": "0.0.0.0:18081",
    ]

    private static func settings(
        _ environment: [String: String],
        development: [String: String] = development
    ) -> ClientSettings {
        ClientSettings(environment: environment) { () throws(ConfigurationError) in development }
    }

    @Test func `what dev wrote is used where the environment says nothing`() throws {
        let settings = Self.settings(["STRIPE_WEBHOOK_SECRET": ""])
        #expect(try settings.webhookSecret() == WebhookSecret(value: "whsec_ofdev000000000000000000000000000"))
        #expect(try settings.adminToken().value == "token-of-dev-0123456789")
        #expect(try settings.publicURL() == "http://127.0.0.1:18080")
        #expect(try settings.privateURL() == "http://127.0.0.1:18081")
    }

    @Test func `the environment comes first, and its first entry without the label`() throws {
        let settings = Self.settings([
            "STRIPE_WEBHOOK_SECRET": "a=whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9,whsec_2f1b2c3d4e5f60718293a4b5c6d7e8f9",
            "TOLLGATE_ADMIN_TOKEN": "alice=0123456789abcdef,fedcba9876543210",
            "TOLLGATE_PUBLIC_ADDRESS": "[::]:1", "TOLLGATE_PRIVATE_ADDRESS": "tollgate:2",
        ])
        #expect(
            try settings.webhookSecret() == WebhookSecret(label: "a", value: "whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9"))
        #expect(try settings.adminToken().value == "0123456789abcdef")
        #expect(try settings.publicURL() == "http://[::1]:1")
        #expect(try settings.privateURL() == "http://tollgate:2")
    }

    @Test func `a broken file of dev's is no matter where nothing is asked of it`() throws {
        let settings = ClientSettings(environment: ["TOLLGATE_ADMIN_TOKEN": "0123456789abcdef"]) {
            () throws(ConfigurationError) in throw ConfigurationError(variable: "dev.env", reason: "broken")
        }
        #expect(try settings.adminToken().value == "0123456789abcdef")
        #expect(throws: ConfigurationError(variable: "dev.env", reason: "broken")) { try settings.publicURL() }
    }

    @Test func `what is nowhere is an error that says what to do`() throws {
        let settings = Self.settings([:], development: [:])
        #expect(try settings.publicURL() == "http://127.0.0.1:8080")
        #expect(try settings.privateURL() == "http://127.0.0.1:8081")
        let secret = #expect(throws: ConfigurationError.self) { try settings.webhookSecret() }
        #expect(secret?.variable == "STRIPE_WEBHOOK_SECRET")
        #expect(secret?.reason.contains("--secret") == true)
        let token = #expect(throws: ConfigurationError.self) { try settings.adminToken() }
        #expect(token?.variable == "TOLLGATE_ADMIN_TOKEN")
        let port = #expect(throws: ConfigurationError.self) {
            try Self.settings(["TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:0"]).privateURL()
        }
        #expect(port?.reason.contains("--url") == true)
    }
}
