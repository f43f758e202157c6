// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cluster
import Console
import EventForge
import FoundationEssentials
import Glibc
import HTTP
import Logging
import Postgres
import Server
import Settings
import Store
import Stripe

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run everything on a private PostgreSQL, with development secrets.",
        discussion: """
            Keeps its data and its secrets in .tollgate/ of the current folder, so that they survive a restart. Takes the \
            settings of the environment, but neither its database nor its secrets and tokens, which may be real: it has \
            its own. Listens on loopback. Ctrl-C stops PostgreSQL too, and so does closing the terminal.
            """
    )

    @Flag(help: "Delete the data and the secrets first.")
    var reset = false

    @Flag(help: "Play a story against its own Tollgate, on free ports and in a temporary folder, then exit.")
    var demo = false

    @Argument(
        help: ArgumentHelp(
            "The demo's story: access, or usage, which is about what calls cost.", valueName: "story"))
    var story: Demo.Story?

    @Option(
        help: ArgumentHelp(
            "One more secret to accept events with, such as the one that 'stripe listen' prints; it is not kept.",
            discussion: "Events that it signed are shown with the label 'given', those of dev's own secret with 'dev'.",
            valueName: "whsec_…"
        )
    )
    var secret: String?

    func validate() throws {
        if story != nil, !demo { throw ValidationError("A story is told by --demo alone.") }
        if reset, demo {
            throw ValidationError("--demo keeps nothing that --reset could delete; leave one of them out.")
        }
        do {
            _ = try givenSecret()
        } catch {
            throw ValidationError("--secret: \(error).")
        }
    }

    private func givenSecret() throws -> WebhookSecret? {
        try secret.map { try WebhookSecret(label: "given", value: $0) }
    }

    func run() async throws {
        try await ExitReport.reporting {
            if demo { try await Demo.run(story ?? .access) } else { try await serve() }
        }
    }

    private func serve() async throws {
        let folder = AbsolutePath.of(".tollgate")
        var configuration = try Configuration(profile: .dev, say: ExitReport.say)
        try check(configuration, in: folder)
        if reset {
            try await PrivateCluster.remove(in: folder)
            // Either of them may never have existed.
            try? FileManager.default.removeItem(atPath: DevelopmentEnvironment.path)
            try? FileManager.default.removeItem(atPath: "\(folder)/spool")
        }
        let secrets = try DevelopmentSecrets.load()
        try secrets.fill(&configuration)
        if let given = try givenSecret() { configuration.webhookSecrets.append(given) }
        let logger = Logger(label: "dev", configuration)
        // Set up before PostgreSQL starts: a server in its own session would outlive us.
        let signals = await StopSignals(hangup: .stops, limit: nil, logger: logger)
        defer { signals.cancel() }
        let cluster = try await PrivateCluster.start(in: folder, log: logger)
        signals.beforeStoppingAtOnce { cluster.stopAtOnce() }
        try await withResource(cluster) { cluster in
            if !signals.isStopRequested { try await serve(configuration, secrets, on: cluster, until: signals) }
        }
    }

    /// Creates or deletes nothing if the listeners could not listen.
    private func check(_ configuration: Configuration, in folder: String) throws {
        do {
            try configuration.checkAddresses()
        } catch let error as AddressInUseError {
            // If another Tollgate most likely holds the port, its error says more.
            try PrivateCluster.checkIsFree(folder)
            throw error
        }
    }

    private func serve(
        _ configuration: Configuration,
        _ secrets: DevelopmentSecrets,
        on cluster: PrivateCluster,
        until signals: StopSignals
    ) async throws {
        let source = DataSource(cluster.dataSource)
        _ = try await withResource(Migrator(source)) { try await $0.migrate() }
        let greet: App.Bound = { publicAddress, privateAddress in
            try secrets.save(
                publicAddress: publicAddress, privateAddress: privateAddress, database: cluster.dataSource)
            let welcome = Self.welcome(
                secrets, publicAddress, privateAddress, cluster: cluster, leftAside: configuration.leftAside,
                terminal: .standardOutput)
            print(welcome)
            // Otherwise a pipe would buffer it.
            fflush(nil)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await App(configuration, source, signals: signals).run(bound: greet) }
            group.addTask { throw try await cluster.untilServerEnds() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func welcome(
        _ secrets: DevelopmentSecrets,
        _ publicAddress: ListenerAddress,
        _ privateAddress: ListenerAddress,
        cluster: PrivateCluster,
        leftAside: [String],
        terminal: Terminal
    ) -> String {
        let program = CommandLine.arguments.first ?? "tollgate"
        let customer = EventTemplate.defaultCustomer
        let aside =
            leftAside.isEmpty
            ? ""
            : """

              Left aside, as dev has its own: \(leftAside.joined(separator: ", ")).
              Unset them in the terminal where you try it.

            """
        return """

            \(terminal.bold("Tollgate is running."))  Ctrl-C stops it; the data stays.

              webhooks  http://\(publicAddress)/webhooks/stripe
              private   http://\(privateAddress)
              database  psql "\(cluster.dataSource)"
              data in   \(cluster.dataDirectory)

              STRIPE_WEBHOOK_SECRET=\(secrets.webhookSecret)
              TOLLGATE_GATEWAY_TOKEN=\(secrets.gatewayToken)
              TOLLGATE_ADMIN_TOKEN=\(secrets.adminToken)
            \(aside)
            \(terminal.bold("Try it")) in another terminal, in \(FileManager.default.currentDirectoryPath):

              \(program) trigger invoice.paid
              curl -s -H 'Authorization: Bearer \(secrets.gatewayToken)' \
            http://\(privateAddress)/v1/customers/\(customer)/access
              \(program) trigger invoice.payment_failed --invoice in_next
              \(program) trigger checkout.session.completed --credits 500
              \(program) customers show \(customer)
              \(program) events list

            """
    }
}

extension Demo.Story: ExpressibleByArgument {}
