// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

/// Which variables are settings, which are meant to be, and which are another's.
@Suite struct VariableNameTests {
    static let misspelt: [(name: String, meant: String)] = [
        ("TOLGATE_GRACE_PERIOD", "TOLLGATE_GRACE_PERIOD"), ("TOLLGATE_GRACE_PERIODE", "TOLLGATE_GRACE_PERIOD"),
        ("TOLLGATE_SPOOLDIR", "TOLLGATE_SPOOL_DIR"), ("tollgate_retention", "TOLLGATE_RETENTION"),
        ("TOLLGATE_ADMIN_TOKENS_FILE", "TOLLGATE_ADMIN_TOKEN_FILE"), ("STRIPE_MODUS", "STRIPE_MODE"),
        ("STRIPE_TOLERENCE", "STRIPE_TOLERANCE"), ("STRIPE_ACCOUNT", "STRIPE_ACCOUNTS"),
        ("TOLLGATE_FOO", ""), ("TOLLGATE_GRACE_PERIOD_FILE", ""), ("TOLLGATE_", ""),
    ]

    @Test(arguments: misspelt)
    func `a misspelt name is refused, and the one that was meant is named`(name: String, meant: String) throws {
        let error = try ConfigurationTests.refusal(.serve, [name: "1"])
        #expect(error.variable == name)
        let hint = meant.isEmpty ? "docs/configuration.md" : "did you mean \(meant)?"
        #expect(error.reason.contains(hint) || name.hasSuffix("_FILE"))
        #expect(!error.description.contains("\n"))
        #expect(throws: ConfigurationError.self) {
            _ = try Configuration(profile: .dev, environment: [name: "1"], isTerminal: false)
        }
    }

    @Test(arguments: ["TOLLGATE_PORT", "TOLLGATE_HOST", "TOLLGATE_ADDRESS"])
    func `who looks for other servers' settings is told of the two addresses`(_ name: String) throws {
        let fault = VariableNames.ofSettings.fault(in: [name: "8080"])
        #expect(fault?.description.contains("give TOLLGATE_PUBLIC_ADDRESS or TOLLGATE_PRIVATE_ADDRESS") == true)
        #expect(VariableNames.ofSettings.fault(in: ["TOLLGATE_PORT": "tcp://10.0.0.1:8080"]) == nil)
    }

    @Test func `a misspelt name is told before the setting that it leaves unset, and several in one line`() throws {
        let error = try ConfigurationTests.refusal(
            .serve,
            [
                "TOLLGATE_ADMIN_TOKEN": ConfigurationTests.unset, "TOLLGATE_ADMIN_TOKN": ConfigurationTests.adminToken,
                "TOLLGATE_FOO": "x",
            ])
        #expect(error.variable == "TOLLGATE_ADMIN_TOKN")
        #expect(error.reason.contains("did you mean TOLLGATE_ADMIN_TOKEN?"))
        #expect(error.reason.contains("TOLLGATE_FOO"))
        #expect(!error.description.contains(ConfigurationTests.adminToken))
    }

    @Test(arguments: [
        // A company's own variables, even if they resemble settings.
        ("STRIPE_SECRET_KEY", "sk_live_1"), ("STRIPE_PUBLISHABLE_KEY", "pk_1"), ("DATABASE_URI", "x"),
        ("DATABASE_URLS", "x"),
        ("STRIPE_WEBHOOK_SECRETS", "x"), ("MODE", "x"), ("RETENTION", "x"), ("PGHOST", "db"),
        ("STRIPE_CLI_TELEMETRY", "1"),
        // Variables that Kubernetes sets for a service named tollgate or tollgate-private.
        ("TOLLGATE_SERVICE_HOST", "10.0.0.1"), ("TOLLGATE_SERVICE_PORT", "8080"),
        ("TOLLGATE_SERVICE_PORT_HTTP", "8080"),
        ("TOLLGATE_PORT", "tcp://10.0.0.1:8080"), ("TOLLGATE_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("TOLLGATE_PORT_8080_TCP_ADDR", "10.0.0.1"), ("TOLLGATE_PRIVATE_SERVICE_HOST", "10.0.0.1"),
        ("TOLLGATE_PRIVATE_PORT", "tcp://10.0.0.1:8081"), ("TOLLGATE_PRIVATE_PORT_8081_TCP_PROTO", "tcp"),
        // A variable of our own scripts.
        ("TOLLGATE_TEST_DATABASE_URL", "x"),
    ])
    func `what is another's stops nothing`(name: String, value: String) throws {
        _ = try ConfigurationTests.read(.serve, [name: value])
    }

    @Test func `a port of Tollgate's own that looks like a service's is a mistake`() throws {
        #expect(
            try ConfigurationTests.refusal(.serve, ["TOLLGATE_PUBLIC_PORT": "8080"]).variable == "TOLLGATE_PUBLIC_PORT")
    }
}
