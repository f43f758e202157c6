// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// As scripts/run, scripts/bench and scripts/image set it: hexadecimal, perhaps with "-dirty". Empty in a plain build.
let commit = (Context.environment["TOLLGATE_COMMIT"] ?? "").filter {
    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
}

let package = Package(
    name: "tollgate",
    products: [
        .executable(name: "tollgate", targets: ["tollgate"])
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // The C libraries of the system.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // The ground floor: how values are written, hashed, counted and logged. No rule of Stripe's or of ours.
        .target(name: "Notation"),
        .target(name: "Hashing", dependencies: ["COpenSSL", "Notation"]),
        .target(name: "Timing", dependencies: ["Notation"]),
        // Which commit this is, where the build is told: a C file, so that another commit compiles nothing else anew.
        .target(name: "CBuildInfo", cSettings: [.define("TOLLGATE_COMMIT", to: "\"\(commit)\"")]),
        .target(
            name: "Telemetry",
            dependencies: [
                "CBuildInfo", "Notation",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]
        ),

        // What Stripe sends, what it means, and the one place where the two meet: no I/O, no clock.
        .target(name: "Stripe", dependencies: ["Hashing", "Notation"]),
        .target(name: "Billing", dependencies: ["Notation"]),
        .target(name: "EventReading", dependencies: ["Billing", "Notation", "Stripe"]),

        // What a call to a model costs, and what its customer is charged: no I/O, no clock.
        .target(name: "Metering", dependencies: ["Notation"]),

        // What is asked and answered over HTTP, once: the server writes it, the client reads it, OpenAPI is printed from it.
        .target(name: "API", dependencies: ["Notation"]),

        // Where it is kept.
        .target(
            name: "Postgres",
            dependencies: [
                "CLibPQ", "Notation",
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(
            name: "Schema",
            path: "sql",
            resources: [
                .embedInCode("V001_events.sql"),
                .embedInCode("V002_billing.sql"),
                .embedInCode("V003_access.sql"),
                .embedInCode("V004_api_keys.sql"),
                .embedInCode("V005_ledger_keeps_entries.sql"),
                .embedInCode("V006_access_feed.sql"),
                .embedInCode("V007_spending.sql"),
                .embedInCode("V008_lapsed_credits.sql"),
                .embedInCode("V009_spending_is_quicker.sql"),
                .embedInCode("V010_lapses_are_checked_again.sql"),
                .embedInCode("V011_event_source.sql"),
                .embedInCode("V012_stripe_listings.sql"),
                .embedInCode("V013_stripe_fetches.sql"),
                .embedInCode("V014_rates.sql"),
                .embedInCode("V015_plans.sql"),
                .embedInCode("V016_usage.sql"),
            ]
        ),
        .target(
            name: "Store",
            dependencies: [
                "Billing", "Hashing", "Metering", "Notation", "Postgres", "Schema", "Stripe",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        .target(name: "Spool", dependencies: ["Hashing", "Notation"]),

        // Asking Stripe: one client, which never asks faster than it may.
        .target(
            name: "StripeAPI",
            dependencies: [
                "Notation", "Stripe", "Telemetry", "Timing",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // Setting up Stripe's side, and finding what is wrong with it.
        .target(
            name: "StripeSetup",
            dependencies: ["Hashing", "Notation", "Stripe", "StripeAPI"]
        ),

        // An event on its way in, until it is durable.
        .target(
            name: "Ingest",
            dependencies: [
                "Notation", "Spool", "Store", "Stripe", "Telemetry", "Timing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // What gateways are answered from.
        .target(
            name: "Gateway",
            dependencies: [
                "Billing", "Hashing", "Notation", "Store",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // What Stripe did not send, asked for.
        .target(
            name: "Fetching",
            dependencies: [
                "Billing", "EventReading", "Hashing", "Notation", "Store", "Stripe", "StripeAPI", "Telemetry", "Timing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // What is to be done about calls after they were charged. It knows nothing of webhooks.
        .target(
            name: "MeteringServices",
            dependencies: [
                "Store", "Timing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // HTTP/1.1 and its habits, of whatever service.
        .target(
            name: "HTTP",
            dependencies: [
                "Notation", "Telemetry",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // What runs: the two sides of the inbox.
        .target(
            name: "Server",
            dependencies: [
                "API", "Billing", "Gateway", "Hashing", "HTTP", "Ingest", "Metering", "Notation", "Spool", "Store",
                "Stripe", "Telemetry", "Timing",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "Processing",
            dependencies: [
                "Billing", "EventReading", "Notation", "Store", "Stripe", "Telemetry", "Timing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // Around the service: what it is told, what talks to it, what plays Stripe, and a PostgreSQL of its own.
        .target(
            name: "Settings",
            dependencies: [
                "Billing", "Metering", "Notation", "Postgres", "Stripe", "Telemetry",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "Cluster",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "EventForge",
            dependencies: ["Hashing", "Notation", "Stripe", .product(name: "NIOCore", package: "swift-nio")]
        ),
        .target(
            name: "Console",
            dependencies: [
                "API", "EventForge", "EventReading", "Metering", "Notation", "Settings", "Stripe", "Telemetry",
                "Timing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "Bench",
            dependencies: [
                "Console", "EventForge", "Hashing", "Notation", "Postgres", "Settings", "Stripe", "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // The program: commands, and the parts of the service wired together.
        .executableTarget(
            name: "tollgate",
            dependencies: [
                "API", "Bench", "Billing", "Cluster", "Console", "EventForge", "EventReading", "Fetching", "Gateway",
                "HTTP", "Ingest", "Metering", "MeteringServices", "Notation", "Postgres", "Processing", "Server",
                "Settings", "Spool",
                "Store", "Stripe",
                "StripeAPI", "StripeSetup",
                "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // Tests: pure tables, then real PostgreSQL, then real sockets, then the real binary.
        .target(
            name: "TestSupport",
            dependencies: [
                "Billing", "Notation", "Postgres", "Store", "Stripe",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "HTTP", "Notation", "Telemetry", "TestSupport",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        // The rules of this house that a program can check, read from the text of the tree.
        .testTarget(name: "TidyTests"),
        .testTarget(name: "NotationTests", dependencies: ["Notation", "Stripe", "TestSupport"]),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "Telemetry",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]
        ),
        .testTarget(name: "StripeTests", dependencies: ["Hashing", "Notation", "Stripe", "TestSupport"]),
        .testTarget(
            name: "StripeAPITests", dependencies: ["Notation", "Stripe", "StripeAPI", "Telemetry", "TestSupport"]),
        .testTarget(name: "StripeSetupTests", dependencies: ["Notation", "StripeSetup"]),
        .testTarget(
            name: "FetchingTests",
            dependencies: [
                "Billing", "EventReading", "Fetching", "Hashing", "Notation", "Postgres", "Processing", "Store",
                "Stripe",
                "StripeAPI", "Telemetry", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "EventReadingTests", dependencies: ["Billing", "EventReading", "Notation", "Stripe", "TestSupport"]),
        .testTarget(
            name: "BillingTests", dependencies: ["Billing", "EventReading", "Notation", "Stripe", "TestSupport"]),
        .testTarget(name: "MeteringTests", dependencies: ["Metering", "Notation", "Schema", "TestSupport"]),
        .testTarget(name: "APITests", dependencies: ["API", "Notation", "TestSupport"]),
        .testTarget(name: "SpoolTests", dependencies: ["Hashing", "Notation", "Spool"]),
        .testTarget(name: "PostgresTests", dependencies: ["Notation", "Postgres", "TestSupport"]),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Billing", "Hashing", "Ingest", "Metering", "Notation", "Postgres", "Schema", "Store", "Stripe",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "IngestTests", dependencies: ["Ingest"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Billing", "Gateway", "Hashing", "Notation", "Store", "TestSupport",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "ProcessingTests",
            dependencies: [
                "Billing", "Hashing", "Notation", "Postgres", "Processing", "Store", "Stripe", "Telemetry",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "API", "Billing", "Gateway", "HTTP", "Hashing", "Ingest", "Metering", "MeteringServices", "Notation",
                "Postgres",
                "Processing", "Server", "Spool", "Store", "Stripe", "Telemetry", "TestSupport", "Timing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(name: "SettingsTests", dependencies: ["Metering", "Settings", "Stripe"]),
        .testTarget(
            name: "EventForgeTests",
            dependencies: [
                "EventForge", "Notation", "Stripe", "TestSupport", .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "API", "Console", "Notation", "Settings", "Stripe",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "BenchTests",
            dependencies: ["Bench", "Settings", .product(name: "NIOCore", package: "swift-nio")]
        ),
        // What holds when things break: `scripts/test --faults`.
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "Billing", "Cluster", "EventReading", "Ingest", "Notation", "Postgres", "Store", "Stripe",
                "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        // The real binary, against real servers.
        .testTarget(
            name: "tollgateTests",
            dependencies: [
                "Cluster", "Console", "EventReading", "Metering", "Notation", "Postgres", "Schema", "Server",
                "Settings", "Store", "Stripe", "Telemetry", "TestSupport", "tollgate",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// A warning is an error where we build and test it: nobody commits what CI then refuses.
for target in package.targets where target.type != .system && target.name != "CBuildInfo" {
    target.swiftSettings = [.treatAllWarnings(as: .error, .when(configuration: .debug))]
}
