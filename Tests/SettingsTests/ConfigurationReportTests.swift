// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

/// The report lists all errors, and where each value comes from.
@Suite struct ConfigurationReportTests {
    private static let secret = "whsec_8f1b2c3d4e5f60718293a4b5c6d7e8f9"

    private static func report(
        _ environment: [String: String],
        for profile: Profile = .serve,
        development: [String: String] = [:]
    ) -> ConfigurationReport {
        ConfigurationReport(
            profile: profile, environment: environment, isTerminal: false, development: development
        ) { _ in "operator-0123456789abcdef,alice=operator-9876543210fedcba\n" }
    }

    private static func reading(_ name: String, in report: ConfigurationReport) throws -> SettingReading {
        try #require(report.readings.first { $0.setting.name == name })
    }

    @Test func `everything that is wrong is told at once`() throws {
        let report = Self.report([
            "DATABASE_URL": "mysql://db", "STRIPE_WEBHOOK_SECRET": Self.secret, "STRIPE_MODE": "prod",
            "TOLLGATE_RETENTION": "90", "TOLLGATE_FOO": "x", "TOLLGATE_GATEWAY_TOKEN": "gateway-0123456789abcdef",
        ])
        #expect(
            report.faults.map(\.variable)
                == ["DATABASE_URL", "STRIPE_MODE", "TOLLGATE_RETENTION", "TOLLGATE_FOO", "TOLLGATE_ADMIN_TOKEN"])
        let first = #expect(throws: ConfigurationError.self) { try report.configuration() }
        #expect(first == report.faults.first)
    }

    @Test func `each value says where it comes from, and no secret is in any`() throws {
        let report = Self.report(
            [
                "STRIPE_WEBHOOK_SECRET": "new=\(Self.secret)",
                "TOLLGATE_GATEWAY_TOKEN": "gateway-0123456789abcdef", "TOLLGATE_ADMIN_TOKEN_FILE": "/run/secrets/admin",
                "TOLLGATE_GRACE_PERIOD": "3d",
            ], development: ["DATABASE_URL": "postgresql://tollgate:hunter2@db/tollgate"])
        #expect(report.faults.isEmpty)
        let cases: [(String, String?, SettingOrigin)] = [
            ("DATABASE_URL", "set", .development), ("STRIPE_WEBHOOK_SECRET", "1 set: new", .environment),
            ("TOLLGATE_GATEWAY_TOKEN", "1 set: #1", .environment),
            ("TOLLGATE_ADMIN_TOKEN", "2 set: #1, alice", .file(path: "the file /run/secrets/admin")),
            ("TOLLGATE_GRACE_PERIOD", "3d", .environment), ("TOLLGATE_RETENTION", "90d", .standard),
            ("STRIPE_ACCOUNTS", nil, .standard),
        ]
        for (name, shown, origin) in cases {
            let reading = try Self.reading(name, in: report)
            #expect(reading.shown == shown, "\(name)")
            #expect(reading.origin == origin, "\(name)")
        }
        var dumped = ""
        dump(report, to: &dumped)
        for secret in ["hunter2", Self.secret, "gateway-0123456789abcdef", "operator-0123456789abcdef"] {
            #expect(!dumped.contains(secret))
        }
    }

    @Test func `what dev has of its own is neither read nor shown`() throws {
        let report = Self.report(["DATABASE_URL": "mysql://db", "STRIPE_MODE": "live"], for: .dev)
        #expect(report.faults.isEmpty)
        #expect(try report.configuration().leftAside == ["DATABASE_URL"])
        #expect(try Self.reading("DATABASE_URL", in: report).shown == nil)
        #expect(try Self.reading("STRIPE_MODE", in: report).shown == "live")
        #expect(try Self.reading("TOLLGATE_PUBLIC_ADDRESS", in: report).shown == "127.0.0.1:8080")
    }

    @Test func `what dev has put in place of a variable hides no misspelt one, and dev's defaults go with it`() throws {
        let database = ["DATABASE_URL": "host=/tmp/dev dbname=tollgate", "STRIPE_WEBHOOK_SECRET": "dev=\(Self.secret)"]
        let misspelt = Self.report(["DATABASE_ULR": "postgres://db/tollgate"], for: .prune, development: database)
        #expect(misspelt.faults.map(\.variable) == ["DATABASE_ULR"])
        let report = Self.report(["STRIPE_WEBHOOK_SECRET_FILE": "/x"], for: .drainSpool, development: database)
        #expect(report.faults.isEmpty)
        #expect(try Self.reading("STRIPE_MODE", in: report).shown == "test")
        #expect(report.standards == .dev)
    }

    @Test func `what is required is there or an error`() throws {
        let environment = ["DATABASE_URL": "postgres://localhost/tollgate"]
        #expect(
            try Self.report(environment, for: .migrate).configuration().required(\.databaseURL).value
                == "postgres://localhost/tollgate")
        let configuration = try Self.report([:], for: .listSpool).configuration()
        let error = #expect(throws: ConfigurationError.self) { try configuration.required(\.databaseURL) }
        #expect(error?.variable == "DATABASE_URL")
        #expect(error?.reason.hasPrefix("is not set") == true)
    }
}
