// SPDX-License-Identifier: Apache-2.0

import Metering
import Stripe
import Testing

@testable import Settings

@Suite struct ConfigurationTests {
    private static let secret = "whsec_8f1b2c3d4e5f60718293a4b5c6d7e8f9"
    private static let gatewayToken = "gateway-0123456789abcdef"
    static let adminToken = "admin-0123456789abcdef"

    static let unset: String? = nil

    /// The least that `serve` needs, and the commands that ask Stripe.
    private static let minimal = [
        "STRIPE_API_KEY": "rk_live_1A2b3C",
        "DATABASE_URL": "postgresql://tollgate:hunter2@db:5432/tollgate",
        "STRIPE_WEBHOOK_SECRET": secret,
        "TOLLGATE_GATEWAY_TOKEN": gatewayToken,
        "TOLLGATE_ADMIN_TOKEN": adminToken,
    ]

    static func read(
        _ profile: Profile = .serve,
        _ changes: [String: String?] = [:],
        files: [String: String] = [:],
        isTerminal: Bool = false
    ) throws -> Configuration {
        struct NoSuchFile: Error {}
        var environment = minimal
        for (name, value) in changes { environment[name] = value }
        return try Configuration(profile: profile, environment: environment, isTerminal: isTerminal) { path in
            guard let contents = files[path] else { throw NoSuchFile() }
            return contents
        }
    }

    /// The error of a configuration that must be refused.
    static func refusal(
        _ profile: Profile = .serve,
        _ changes: [String: String?],
        files: [String: String] = [:]
    ) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) { try read(profile, changes, files: files) }
    }

    @Test func `defaults are those of the contract`() throws {
        let configuration = try Self.read()
        #expect(configuration.mode == .live)
        #expect(configuration.connectedAccounts.isEmpty)
        #expect(configuration.tolerance == .seconds(300))
        #expect(configuration.apiAddress.base == "https://api.stripe.com")
        #expect(configuration.reconciliation == .seconds(600))
        #expect(configuration.publicAddress.description == "0.0.0.0:8080")
        #expect(configuration.privateAddress.description == "127.0.0.1:8081")
        #expect(configuration.gracePeriod == .seconds(259_200))
        #expect(configuration.creditsKey == "credits")
        #expect(!configuration.blockOnDispute)
        #expect(configuration.debts == .charged)
        #expect(configuration.plan == "default")
        #expect(configuration.creditValue == DecimalNumber("0.001").flatMap(CreditValue.init))
        #expect(configuration.warnTokens == 100_000)
        #expect(configuration.warnCost == Dollars("10"))
        #expect(configuration.accessCache == 1_000_000)
        #expect(configuration.spoolDirectory == "./.tollgate/spool")
        #expect(configuration.accessStale == .seconds(900))
        #expect(configuration.retention == .seconds(7_776_000))
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == .json)
        #expect(try Self.read(isTerminal: true).logFormat == .text)
    }

    @Test func `dev needs nothing, counts test events and listens on this machine only`() throws {
        let configuration = try Configuration(profile: .dev, environment: [:], isTerminal: true)
        #expect(configuration.mode == .test)
        #expect(configuration.databaseURL == nil)
        #expect(configuration.webhookSecrets.isEmpty)
        #expect(configuration.publicAddress.description == "127.0.0.1:8080")
        #expect(configuration.privateAddress.description == "127.0.0.1:8081")
    }

    @Test func `every setting is read`() throws {
        let configuration = try Self.read(
            .serve,
            [
                "DATABASE_URL": "host=a,b dbname=tollgate password='p q'",
                "STRIPE_WEBHOOK_SECRET": "platform=\(Self.secret), connect=whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9",
                "STRIPE_MODE": "test", "STRIPE_ACCOUNTS": "acct_1A2b3C, acct_9Z", "STRIPE_TOLERANCE": "10m",
                "STRIPE_API_KEY": "rk_test_1A2b3C", "STRIPE_API_BASE": "http://127.0.0.1:12111/",
                "TOLLGATE_RECONCILE": "30s",
                "TOLLGATE_PUBLIC_ADDRESS": "[::]:443", "TOLLGATE_PRIVATE_ADDRESS": "tollgate.internal:0",
                "TOLLGATE_GATEWAY_TOKEN": "edge=\(Self.gatewayToken),0123456789abcdef",
                "TOLLGATE_ADMIN_TOKEN": "alice=\(Self.adminToken)", "TOLLGATE_GRACE_PERIOD": "90d",
                "TOLLGATE_CREDITS_KEY": "tokens", "TOLLGATE_BLOCK_ON_DISPUTE": "true", "TOLLGATE_DEBTS": "all",
                "TOLLGATE_PLAN": "pro-2_eu", "TOLLGATE_CREDIT_VALUE": "0.000000000001", "TOLLGATE_WARN_TOKENS": "1",
                "TOLLGATE_WARN_COST": "0.50", "TOLLGATE_ACCESS_CACHE": "5",
                "TOLLGATE_SPOOL_DIR": "off", "TOLLGATE_ACCESS_STALE": "1s", "TOLLGATE_RETENTION": "24h",
                "TOLLGATE_LOG_LEVEL": "debug", "TOLLGATE_LOG_FORMAT": "text",
            ]
        )
        #expect(configuration.databaseURL?.value == "host=a,b dbname=tollgate password='p q'")
        #expect(configuration.webhookSecrets.map(\.label) == ["platform", "connect"])
        #expect(configuration.mode == .test)
        #expect(configuration.connectedAccounts == ["acct_1A2b3C", "acct_9Z"])
        #expect(configuration.tolerance == .seconds(600))
        #expect(configuration.apiKey?.value == "rk_test_1A2b3C")
        #expect(configuration.apiAddress.base == "http://127.0.0.1:12111")
        #expect(configuration.reconciliation == .seconds(30))
        #expect(configuration.publicAddress == ListenAddress(host: "::", port: 443))
        #expect(configuration.privateAddress == ListenAddress(host: "tollgate.internal", port: 0))
        #expect(configuration.gatewayTokens.map(\.label) == ["edge", nil])
        #expect(configuration.gatewayTokens.map(\.value) == [Self.gatewayToken, "0123456789abcdef"])
        #expect(configuration.adminTokens == [LabelledToken(label: "alice", value: Self.adminToken)])
        #expect(configuration.gracePeriod == .seconds(7_776_000))
        #expect(configuration.creditsKey == "tokens")
        #expect(configuration.blockOnDispute)
        #expect(configuration.debts == .all)
        #expect(configuration.plan == "pro-2_eu")
        #expect(configuration.creditValue == DecimalNumber("0.000000000001").flatMap(CreditValue.init))
        #expect(configuration.warnTokens == 1)
        #expect(configuration.warnCost == Dollars("0.5"))
        #expect(configuration.accessCache == 5)
        #expect(configuration.spoolDirectory == nil)
        #expect(configuration.accessStale == .seconds(1))
        #expect(configuration.retention == .seconds(86_400))
        #expect(configuration.logLevel == .debug)
        #expect(configuration.logFormat == .text)
    }

    @Test(arguments: [
        (Profile.serve, "DATABASE_URL"), (.serveHTTPOnly, "DATABASE_URL"), (.serveWorkerOnly, "DATABASE_URL"),
        (.migrate, "DATABASE_URL"), (.serve, "STRIPE_WEBHOOK_SECRET"), (.serveHTTPOnly, "STRIPE_WEBHOOK_SECRET"),
        (.serve, "TOLLGATE_GATEWAY_TOKEN"), (.serve, "TOLLGATE_ADMIN_TOKEN"),
        (.serveHTTPOnly, "TOLLGATE_GATEWAY_TOKEN"), (.serveHTTPOnly, "TOLLGATE_ADMIN_TOKEN"),
        (.fetch, "DATABASE_URL"), (.fetch, "STRIPE_API_KEY"), (.stripeAccount, "STRIPE_API_KEY"),
    ])
    func `a required setting that is missing is named`(profile: Profile, variable: String) throws {
        #expect(try Self.refusal(profile, [variable: Self.unset]).variable == variable)
        #expect(try Self.refusal(profile, [variable: ""]).variable == variable)
    }

    @Test(arguments: [Profile.serveWorkerOnly, .migrate])
    func `the database alone is enough for what answers no requests`(profile: Profile) throws {
        let environment = ["DATABASE_URL": "postgres://localhost/tollgate"]
        let configuration = try Configuration(profile: profile, environment: environment, isTerminal: false)
        #expect(configuration.databaseURL?.value == "postgres://localhost/tollgate")
    }

    @Test(arguments: Profile.allCases.filter { $0 != .dev })
    func `a blank webhook secret stops every command that needs it, and a garbled one all`(profile: Profile) throws {
        for blank in (profile.needed.contains { $0.name == "STRIPE_WEBHOOK_SECRET" } ? ["", " ", "\t\n"] : []) + [
            "connect=", "connect= ", "\(Self.secret),",
        ] {
            let error = try Self.refusal(profile, ["STRIPE_WEBHOOK_SECRET": blank])
            #expect(error.variable == "STRIPE_WEBHOOK_SECRET")
        }
    }

    @Test(arguments: Profile.allCases)
    func `what a command does not need may be left blank`(profile: Profile) throws {
        for name in profile.needless {
            for blank in ["", " ", "\t\n"] {
                // Only one of a setting and its `_FILE` may be set.
                let own = name.replacing("_FILE", with: "")
                let changes = own == name ? [name: blank] : [name: blank, own: Self.unset]
                #expect(throws: Never.self, "\(name)") { try Self.read(profile, changes) }
            }
        }
        #expect(Profile.serve.needless.allSatisfy { $0.hasPrefix("STRIPE_API_KEY") })
        #expect(Profile.listSpool.needless.contains("DATABASE_URL"))
    }

    static let wrongValues: [(variable: String, value: String)] = [
        ("DATABASE_URL", "mysql://db/tollgate?x=y"), ("DATABASE_URL", "db:5432"), ("DATABASE_URL", "=x"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_"), ("STRIPE_WEBHOOK_SECRET", "whsec_..."),
        ("STRIPE_WEBHOOK_SECRET", "whsec_xxxxxxxx"), ("STRIPE_WEBHOOK_SECRET", "whsec_…"),
        ("STRIPE_WEBHOOK_SECRET", "changeme"), ("STRIPE_WEBHOOK_SECRET", "whsec_your_secret_here"),
        ("STRIPE_WEBHOOK_SECRET", "sk_live_1234567890"), ("STRIPE_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef"),
        ("STRIPE_WEBHOOK_SECRET", "\(secret) "), ("STRIPE_WEBHOOK_SECRET", "=\(secret)"),
        ("STRIPE_WEBHOOK_SECRET", "a=\(secret),a=whsec_1f1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("STRIPE_WEBHOOK_SECRET", "a b=\(secret)"), ("STRIPE_WEBHOOK_SECRET", "\(secret),\(secret)"),
        ("STRIPE_MODE", "prod"), ("STRIPE_MODE", "LIVE"),
        ("STRIPE_ACCOUNTS", "cus_1"), ("STRIPE_ACCOUNTS", "acct_"), ("STRIPE_ACCOUNTS", "acct_1,,acct_2"),
        ("STRIPE_ACCOUNTS", "acct_1;acct_2"),
        ("STRIPE_API_KEY", "pk_live_1A2b3C"), ("STRIPE_API_KEY", secret), ("STRIPE_API_KEY", "rk_live_"),
        ("STRIPE_API_KEY", "rk_live_1 "), ("STRIPE_API_KEY", "sk_prod_1"), ("STRIPE_API_KEY", "rk_live_…"),
        ("STRIPE_API_KEY", "rk_test_1A2b3C"),
        ("STRIPE_API_BASE", "api.stripe.com"), ("STRIPE_API_BASE", "http://api.stripe.com"),
        ("STRIPE_API_BASE", "https://api.stripe.com/v1"), ("STRIPE_API_BASE", "https://a:b@api.stripe.com"),
        ("STRIPE_API_BASE", "https://api.stripe.com?a=b"), ("STRIPE_API_BASE", "ftp://127.0.0.1"),
        ("TOLLGATE_RECONCILE", "9s"), ("TOLLGATE_RECONCILE", "0s"), ("TOLLGATE_RECONCILE", "no"),
        ("TOLLGATE_PUBLIC_ADDRESS", "8080"), ("TOLLGATE_PUBLIC_ADDRESS", ":8080"),
        ("TOLLGATE_PUBLIC_ADDRESS", "0.0.0.0:"), ("TOLLGATE_PUBLIC_ADDRESS", "0.0.0.0:65536"),
        ("TOLLGATE_PUBLIC_ADDRESS", "0.0.0.0:-1"), ("TOLLGATE_PUBLIC_ADDRESS", "0.0.0.0:http"),
        ("TOLLGATE_PUBLIC_ADDRESS", "::1:8080"), ("TOLLGATE_PUBLIC_ADDRESS", "[localhost]:8080"),
        ("TOLLGATE_PUBLIC_ADDRESS", "http://localhost:8080"),
        ("TOLLGATE_PUBLIC_ADDRESS", "localhost:99999999999999999999"),
        ("TOLLGATE_PRIVATE_ADDRESS", "0.0.0.0:8080"), ("TOLLGATE_PRIVATE_ADDRESS", "a b:1"),
        ("TOLLGATE_GATEWAY_TOKEN", "short"), ("TOLLGATE_GATEWAY_TOKEN", "edge=123456789012345"),
        ("TOLLGATE_GATEWAY_TOKEN", "edge="), ("TOLLGATE_GATEWAY_TOKEN", "a-gateway-with-no-token="),
        ("TOLLGATE_GATEWAY_TOKEN", "=0123456789abcdef"), ("TOLLGATE_GATEWAY_TOKEN", "0123456789abcdef 1"),
        ("TOLLGATE_GATEWAY_TOKEN", "0123456789abcdefé"), ("TOLLGATE_GATEWAY_TOKEN", "\(gatewayToken),,x"),
        ("TOLLGATE_GATEWAY_TOKEN", "a=\(gatewayToken),a=0123456789abcdef"),
        ("TOLLGATE_GATEWAY_TOKEN", "a=\(gatewayToken),b=\(gatewayToken)"),
        ("TOLLGATE_ADMIN_TOKEN", "0123456789abcdef,bob=\(gatewayToken)"),
        ("TOLLGATE_CREDITS_KEY", String(repeating: "k", count: 41)), ("TOLLGATE_CREDITS_KEY", "a[b]"),
        ("TOLLGATE_BLOCK_ON_DISPUTE", "yes"), ("TOLLGATE_BLOCK_ON_DISPUTE", "1"),
        ("TOLLGATE_DEBTS", "none"), ("TOLLGATE_DEBTS", "All"),
        ("TOLLGATE_ACCESS_CACHE", "0"), ("TOLLGATE_ACCESS_CACHE", "-1"), ("TOLLGATE_ACCESS_CACHE", "1e6"),
        ("TOLLGATE_ACCESS_CACHE", "99999999999999999999"), ("TOLLGATE_ACCESS_CACHE", "9223372036854775807"),
        ("TOLLGATE_ACCESS_CACHE", "100000001"), ("TOLLGATE_ACCESS_CACHE", "000"), ("TOLLGATE_ACCESS_CACHE", "٣"),
        ("TOLLGATE_SPOOL_LIMIT", "0"), ("TOLLGATE_SPOOL_LIMIT", "9223372036854775807"),
        ("TOLLGATE_SPOOL_LIMIT", "1125899906842625"), ("TOLLGATE_SPOOL_LIMIT", "1GB"),
        ("TOLLGATE_PUBLIC_ADDRESS", "300.1.1.1:80"), ("TOLLGATE_PUBLIC_ADDRESS", "256.1.1.1:1"),
        ("TOLLGATE_PUBLIC_ADDRESS", "1.2.3:80"), ("TOLLGATE_PUBLIC_ADDRESS", "1.2.3.4.5:80"),
        ("TOLLGATE_LOG_LEVEL", "verbose"), ("TOLLGATE_LOG_FORMAT", "xml"),
    ]

    @Test(arguments: wrongValues)
    func `a wrong value is refused by name`(variable: String, value: String) throws {
        let error = try Self.refusal(.serve, [variable: value])
        #expect(error.variable == variable)
        #expect(error.description.hasPrefix("\(variable): "))
        #expect(!error.description.contains("\n"))
        let isSecret =
            ["SECRET", "TOKEN", "KEY", "URL"].contains { variable.hasSuffix($0) } && variable != "TOLLGATE_CREDITS_KEY"
        // Short values, such as one-letter labels, occur in any sentence.
        if isSecret, value.count > 12 { #expect(!error.description.contains(value)) }
        for secret in [Self.secret, Self.gatewayToken, Self.adminToken, "sk_live_1234567890", "hunter2"] {
            #expect(!error.description.contains(secret))
        }
    }

    @Test(arguments: [
        "STRIPE_TOLERANCE", "TOLLGATE_GRACE_PERIOD", "TOLLGATE_ACCESS_STALE", "TOLLGATE_RETENTION",
    ])
    func `a length of time needs a unit and a size`(variable: String) throws {
        for wrong in [
            "300", "0s", "-5m", "1w", "1.5h", "h", "٣s", "5 m", "36501d", "9223372036854775807d", "1h30m", "S",
        ] {
            #expect(try Self.refusal(.serve, [variable: wrong]).variable == variable)
        }
        #expect(try Self.refusal(.serve, [variable: "300"]).reason.contains("write 300s"))
    }

    @Test func `all settings that are missing are told at once, in one line`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try Configuration(profile: .serve, environment: [:], isTerminal: false)
        }
        let names = ["DATABASE_URL", "STRIPE_WEBHOOK_SECRET", "TOLLGATE_GATEWAY_TOKEN", "TOLLGATE_ADMIN_TOKEN"]
        for name in names { #expect(error?.description.contains(name) == true) }
        #expect(error?.description.contains("\n") == false)
    }

    @Test func `lengths of time are told in the largest unit that tells them whole`() throws {
        for text in ["1s", "90s", "15m", "72h", "90d", "36500d", "25h"] {
            #expect(
                try DurationSetting.text(DurationSetting.parse(text, variable: "T")) == (text == "72h" ? "3d" : text))
        }
    }

    @Test func `a secret can come from a file, less one newline`() throws {
        let changes: [String: String?] = [
            "STRIPE_WEBHOOK_SECRET": "", "STRIPE_WEBHOOK_SECRET_FILE": "/run/secrets/webhook",
            "DATABASE_URL": Self.unset, "DATABASE_URL_FILE": "/run/secrets/database",
            "TOLLGATE_ADMIN_TOKEN": Self.unset, "TOLLGATE_ADMIN_TOKEN_FILE": "/run/secrets/admin",
        ]
        let files = [
            "/run/secrets/webhook": "\(Self.secret)\n", "/run/secrets/database": "postgres://db/tollgate\r\n",
            "/run/secrets/admin": "bob=\(Self.adminToken)",
        ]
        let configuration = try Self.read(.serve, changes, files: files)
        #expect(configuration.webhookSecrets == [try WebhookSecret(value: Self.secret)])
        #expect(configuration.databaseURL?.value == "postgres://db/tollgate")
        #expect(configuration.adminTokens == [LabelledToken(label: "bob", value: Self.adminToken)])

        let twoNewlines = files.merging(["/run/secrets/webhook": "\(Self.secret)\n\n"]) { $1 }
        #expect(throws: ConfigurationError.self) { try Self.read(.serve, changes, files: twoNewlines) }
    }

    @Test(arguments: [
        "DATABASE_URL", "STRIPE_WEBHOOK_SECRET", "TOLLGATE_GATEWAY_TOKEN", "TOLLGATE_ADMIN_TOKEN",
    ])
    func `a secret's file that does not help is an error`(variable: String) throws {
        let file = "\(variable)_FILE"
        let value = Self.minimal[variable] ?? "sk_test_1"
        let both = try Self.refusal(.serve, [variable: value, file: "/secret"], files: ["/secret": value])
        #expect(both.variable == variable)
        #expect(both.reason.contains(file))
        let unreadable = try Self.refusal(.serve, [variable: Self.unset, file: "/secret"])
        #expect(unreadable.variable == file)
        #expect(unreadable.reason.contains("/secret"))
        for empty in ["", "\n", "  "] {
            let error = try Self.refusal(.serve, [variable: Self.unset, file: "/secret"], files: ["/secret": empty])
            #expect(error.variable == file)
        }
    }

    @Test func `a secret given as its own file name is not shown`() throws {
        let error = try Self.refusal(.serve, ["DATABASE_URL": "", "DATABASE_URL_FILE": "postgres://a:hunter2@db/x"])
        #expect(!error.description.contains("hunter2"))
    }

    @Test func `real files are read, and those missing are said to be missing`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            let environment = ["DATABASE_URL_FILE": "/nonexistent/database"]
            _ = try Configuration(profile: .migrate, environment: environment, isTerminal: false)
        }
        #expect(
            error?.description
                == "DATABASE_URL_FILE: the file /nonexistent/database cannot be read: there is no such file")
    }

    @Test func `a padded base64 token needs no label`() throws {
        let padded = ["q83vEjRWeJCrze8SNFZ4kA==", "label=q83vEjRWeJCrze8SNFZ4kA=="]
        #expect(try LabelledToken.list(padded[0], variable: "T").first == LabelledToken(label: nil, value: padded[0]))
        #expect(
            try LabelledToken.list(padded[1], variable: "T").first == LabelledToken(label: "label", value: padded[0]))
    }

    @Test func `no way of printing shows a secret`() throws {
        let configuration = try Self.read(.serve, ["STRIPE_API_KEY": "sk_live_hidden"])
        #expect("\(configuration.summary)".contains("\"mode\": live"))
        var dumped = "\(configuration.summary)"
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            for secret in [Self.secret, Self.gatewayToken, Self.adminToken, "hunter2", "sk_live_hidden"] {
                #expect(!text.contains(secret))
            }
        }
    }

    @Test func `a wildcard address is reached over the loopback`() {
        #expect(ListenAddress(host: "0.0.0.0", port: 1).reachable.description == "127.0.0.1:1")
        #expect(ListenAddress(host: "::", port: 1).reachable.description == "[::1]:1")
        #expect(ListenAddress(host: "10.0.0.1", port: 1).reachable.description == "10.0.0.1:1")
    }

    @Test func `what dev writes is what the other commands read`() throws {
        let values = ["STRIPE_WEBHOOK_SECRET": "whsec_a=b", "TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:8080"]
        #expect(try DevelopmentEnvironment.parse(DevelopmentEnvironment.text(values)) == values)
        #expect(try DevelopmentEnvironment.parse("# a comment\n\nA=1\r\n") == ["A": "1"])
        let error = #expect(throws: ConfigurationError.self) { try DevelopmentEnvironment.parse("A=1\nwhsec_x\n") }
        #expect(error?.description.contains("line 2") == true)
        #expect(error?.description.contains("whsec_x") == false)
    }
}
