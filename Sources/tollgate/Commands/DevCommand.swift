import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import Postgres
import Server
import Store
import Stripe

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run everything on a private PostgreSQL, with development secrets.",
        discussion: """
            Keeps its data and its secrets in .tollgate/ of the current folder, so that they survive a restart, and \
            takes whatever the environment sets. Listens on loopback. Ctrl-C stops PostgreSQL too.
            """
    )

    @Flag(help: "Delete the data and the secrets first.")
    var reset = false

    @Flag(help: "Play a story against a Tollgate of its own, on free ports and in a folder that is removed, and end.")
    var demo = false

    func validate() throws {
        if reset, demo {
            throw ValidationError("--demo keeps nothing that --reset could delete; leave one of them out.")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            if demo { try await Demo.run() } else { try await serve() }
        }
    }

    private func serve() async throws {
        let folder = ".tollgate"
        if reset {
            try await PrivateCluster.remove(in: folder)
            // Neither of them may ever have been there.
            try? FileManager.default.removeItem(atPath: DevelopmentEnvironment.path)
            try? FileManager.default.removeItem(atPath: "\(folder)/spool")
        }
        var configuration = try Configuration(profile: .dev)
        let secrets = try DevelopmentSecrets.load(into: &configuration)
        let logger = Logger(label: "dev", configuration)
        let cluster = try await PrivateCluster.start(in: folder, log: logger)
        do {
            let source = DataSource(cluster.dataSource)
            _ = try await Migrator.migrate(source)
            let greet: Service.Bound = { publicAddress, privateAddress in
                try secrets.save(publicAddress: publicAddress, privateAddress: privateAddress)
                print(
                    Self.welcome(
                        secrets, publicAddress, privateAddress, cluster: cluster, terminal: .standardOutput
                    )
                )
                // Into a pipe it would wait for more.
                fflush(nil)
            }
            try await Service(configuration, source).run(bound: greet)
        } catch {
            try await cluster.stop()
            throw error
        }
        try await cluster.stop()
    }

    private static func welcome(
        _ secrets: DevelopmentSecrets,
        _ publicAddress: ListenerAddress,
        _ privateAddress: ListenerAddress,
        cluster: PrivateCluster,
        terminal: Terminal
    ) -> String {
        let program = CommandLine.arguments.first ?? "tollgate"
        let customer = EventTemplate.defaultCustomer
        return """

            \(terminal.bold("Tollgate is running."))  Ctrl-C stops it; the data stays.

              webhooks   http://\(publicAddress)/webhooks/stripe
              private    http://\(privateAddress)
              database   psql "\(cluster.dataSource)"
              data in    \(cluster.dataDirectory)

              STRIPE_WEBHOOK_SECRET=\(secrets.webhookSecret)
              TOLLGATE_GATEWAY_TOKEN=\(secrets.gatewayToken)
              TOLLGATE_ADMIN_TOKEN=\(secrets.adminToken)

            \(terminal.bold("Try it")) in another terminal, in this folder:

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
