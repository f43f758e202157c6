// SPDX-License-Identifier: Apache-2.0

import Cluster
import Console
import FoundationEssentials
import Logging
import Postgres
import Server
import Settings
import Store

/// `tollgate dev --demo`: its own Tollgate, which lives as long as the story.
enum Demo {
    /// What is told.
    enum Story: String, CaseIterable {
        /// The flag, from a first payment to a grant by hand.
        case access
        /// What calls cost.
        case usage
    }

    static func run(_ story: Story) async throws {
        let folder = "/tmp/tollgate-demo-\(UInt32.random(in: .min ... .max))"
        // Others may enter: if we are root, PostgreSQL runs as another user.
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        try await withResource(DemoFolder(path: folder)) { try await play(story, in: $0.path) }
    }

    private static func play(_ story: Story, in folder: String) async throws {
        var configuration = try Configuration(profile: .dev, environment: [:], isTerminal: true)
        configuration.publicAddress = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.privateAddress = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.spoolDirectory = "\(folder)/spool"
        // The story includes an event that fails; the log would report it a second time.
        configuration.logLevel = .error
        let secrets = DevelopmentSecrets.make()
        try secrets.fill(&configuration)
        let secret = configuration.webhookSecrets[0]
        let gracePeriod = configuration.gracePeriod
        print("starting PostgreSQL and Tollgate in \(folder) …")
        let logger = Logger(label: "demo", configuration)
        let signals = await StopSignals(hangup: .stops, limit: nil, logger: logger)
        defer { signals.cancel() }
        let cluster = try await PrivateCluster.start(in: folder, log: logger)
        signals.beforeStoppingAtOnce { cluster.stopAtOnce() }
        try await withResource(cluster) { cluster in
            let source = DataSource(cluster.dataSource)
            _ = try await withResource(Migrator(source)) { try await $0.migrate() }
            let app = App(configuration, source, signals: signals)
            try await app.run(untilEndOf: { publicAddress, privateAddress in
                try await ServiceClient.with(base: "http://\(publicAddress)") { stripe in
                    try await ServiceClient.with(
                        base: "http://\(privateAddress)", token: Secret(secrets.gatewayToken)
                    ) { gateway in
                        try await ServiceClient.with(
                            base: "http://\(privateAddress)", token: Secret(secrets.adminToken)
                        ) { admin in
                            let client = DemoClient(stripe: stripe, gateway: gateway, admin: admin, secret: secret)
                            try await tell(story, client, gracePeriod: gracePeriod)
                        }
                    }
                }
            })
        }
    }

    private static func tell(_ story: Story, _ client: DemoClient, gracePeriod: Duration) async throws {
        switch story {
        case .access: try await DemoStory(client, customer: "cus_demo", gracePeriod: gracePeriod).play()
        case .usage:
            var calls = UsageStory(client, customer: "cus_demo")
            try await calls.play()
        }
    }
}

/// What a demo leaves behind.
private struct DemoFolder: Closable {
    let path: String

    func close() async throws {
        try await PrivateCluster.remove(in: path)
        try FileManager.default.removeItem(atPath: path)
    }
}
