// SPDX-License-Identifier: Apache-2.0

import Settings
import Stripe
import Testing

@testable import Console

@Suite struct ClientSettingsTests {
    private static let development = [
        "STRIPE_WEBHOOK_SECRET": "whsec_ofdev000000000000000000000000000",
        "TOLLGATE_ADMIN_TOKEN": "token-of-dev-0123456789", "TOLLGATE_GATEWAY_TOKEN": "gateway-of-dev-0123456789",
        "TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:18080", "TOLLGATE_PRIVATE_ADDRESS": "0.0.0.0:18081",
    ]

    private static func settings(
        _ environment: [String: String],
        development: [String: String] = development,
        readsDatabase: Bool = false
    ) throws(ConfigurationError) -> ClientSettings {
        try ClientSettings(environment: environment, readsDatabase: readsDatabase) {
            () throws(ConfigurationError) in development
        }
    }

    @Test func `what dev wrote is used where the environment says nothing`() throws {
        let settings = try Self.settings(["STRIPE_WEBHOOK_SECRET": ""])
        let (publicURL, privateURL) = ("http://127.0.0.1:18080", "http://127.0.0.1:18081")
        #expect(try settings.url(for: .webhookSecret) == publicURL)
        #expect(try settings.url(for: .adminToken) == privateURL)
        #expect(try settings.privateURL() == privateURL)
        #expect(
            try settings.webhookSecret(for: publicURL) == WebhookSecret(value: "whsec_ofdev000000000000000000000000000")
        )
        #expect(try settings.token(.adminToken, for: privateURL).value == "token-of-dev-0123456789")
        #expect(try settings.token(.gatewayToken, for: privateURL).value == "gateway-of-dev-0123456789")
    }

    @Test func `the environment comes first, and its first entry without the label`() throws {
        let settings = try Self.settings([
            "STRIPE_WEBHOOK_SECRET": "a=whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9,whsec_2f1b2c3d4e5f60718293a4b5c6d7e8f9",
            "TOLLGATE_ADMIN_TOKEN": "alice=0123456789abcdef,fedcba9876543210",
            "TOLLGATE_PUBLIC_ADDRESS": "[::]:1", "TOLLGATE_PRIVATE_ADDRESS": "tollgate:2",
        ])
        #expect(try settings.url(for: .webhookSecret) == "http://[::1]:1")
        #expect(try settings.url(for: .adminToken) == "http://tollgate:2")
        #expect(
            try settings.webhookSecret(for: "http://[::1]:1")
                == WebhookSecret(label: "a", value: "whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9"))
        #expect(try settings.token(.adminToken, for: "http://tollgate:2").value == "0123456789abcdef")
    }

    @Test func `a secret of the environment never goes to an address of the file`() throws {
        let settings = try Self.settings([
            "STRIPE_WEBHOOK_SECRET": "whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9",
            "TOLLGATE_ADMIN_TOKEN_FILE": "/run/secrets/admin",
        ])
        #expect(try settings.url(for: .webhookSecret) == "http://127.0.0.1:8080")
        #expect(try settings.url(for: .adminToken) == "http://127.0.0.1:8081")
        // The gateway token is not in the environment, so the file's address is used.
        #expect(try settings.url(for: .gatewayToken) == "http://127.0.0.1:18081")
    }

    @Test func `a secret of the file goes to the file's own address alone`() throws {
        let settings = try Self.settings(["TOLLGATE_PRIVATE_ADDRESS": "tollgate:2"])
        let error = #expect(throws: ConfigurationError.self) {
            try settings.token(.adminToken, for: settings.url(for: .adminToken))
        }
        #expect(error?.variable == "TOLLGATE_ADMIN_TOKEN")
        #expect(error?.reason.contains("is not for http://tollgate:2") == true)
        #expect(throws: ConfigurationError.self) { try settings.webhookSecret(for: "https://pay.example") }
        // The environment may name the same address as the file.
        let same = try Self.settings(["TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:18081"])
        #expect(try same.token(.adminToken, for: same.url(for: .adminToken)).value == "token-of-dev-0123456789")
    }

    @Test func `a misspelt variable is refused, even where dev's file would answer`() throws {
        for name in ["TOLLGATE_PRIVATE_ADRESS", "TOLLGATE_FOO", "STRIPE_WEBHOOK_SECRETS", "STRIPE_MODUS"] {
            let error = #expect(throws: ConfigurationError.self) { try Self.settings([name: "x"]) }
            #expect(error?.variable == name)
        }
        // Another program's variable: the database's address is not read here.
        _ = try Self.settings(["DATABASE_URI": "x"])
        #expect(throws: ConfigurationError.self) { try Self.settings(["DATABASE_URI": "x"], readsDatabase: true) }
    }

    @Test func `a bench finds the database of dev beside dev's own address alone`() throws {
        var development = Self.development
        development["DATABASE_URL"] = "host=/tmp/dev dbname=tollgate"
        let settings = try Self.settings([:], development: development, readsDatabase: true)
        #expect(try settings.databaseURL(of: "http://127.0.0.1:18081")?.value == "host=/tmp/dev dbname=tollgate")
        #expect(try settings.databaseURL(of: "http://127.0.0.1:8081") == nil)
        #expect(try settings.databaseURL(of: nil) == nil)
        let own = try Self.settings(["DATABASE_URL": "host=own"], development: development, readsDatabase: true)
        #expect(try own.databaseURL(of: "http://127.0.0.1:18081")?.value == "host=own")
    }

    @Test func `a broken file of dev's is no matter where nothing is asked of it`() throws {
        let settings = try ClientSettings(environment: ["TOLLGATE_ADMIN_TOKEN": "0123456789abcdef"]) {
            () throws(ConfigurationError) in throw ConfigurationError(variable: "dev.env", reason: "broken")
        }
        #expect(try settings.token(.adminToken, for: "http://x").value == "0123456789abcdef")
        #expect(throws: ConfigurationError(variable: "dev.env", reason: "broken")) { try settings.privateURL() }
    }

    @Test func `what is nowhere is an error that says what to do`() throws {
        let settings = try Self.settings([:], development: [:])
        #expect(try settings.url(for: .webhookSecret) == "http://127.0.0.1:8080")
        #expect(try settings.privateURL() == "http://127.0.0.1:8081")
        let secret = #expect(throws: ConfigurationError.self) { try settings.webhookSecret(for: "http://x") }
        #expect(secret?.variable == "STRIPE_WEBHOOK_SECRET")
        #expect(secret?.reason.contains("--secret") == true)
        let token = #expect(throws: ConfigurationError.self) { try settings.token(.adminToken, for: "http://x") }
        #expect(token?.variable == "TOLLGATE_ADMIN_TOKEN")
        let port = #expect(throws: ConfigurationError.self) {
            try Self.settings(["TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:0"]).privateURL()
        }
        #expect(port?.reason.contains("--url") == true)
    }
}
