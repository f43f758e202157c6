import FoundationEssentials
import Server
import Stripe

/// The secrets of `tollgate dev`: what the environment sets, else what an earlier run made, else new ones.
struct DevelopmentSecrets: Sendable {
    let webhookSecret: String
    let gatewayToken: String
    let adminToken: String

    /// Fills in what the environment left open.
    static func load(into configuration: inout Configuration) throws -> DevelopmentSecrets {
        let kept = try DevelopmentEnvironment.load()
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String, _ prefix: String) -> String {
            // Of several secrets in the environment any will do for signing; the first is shown.
            let first = environment[name]?.split(separator: ",").first?.split(separator: "=").last
            return first.map(String.init) ?? kept[name] ?? prefix + random()
        }
        let secrets = DevelopmentSecrets(
            webhookSecret: value("STRIPE_WEBHOOK_SECRET", "whsec_"),
            gatewayToken: value("TOLLGATE_GATEWAY_TOKEN", "gateway_"),
            adminToken: value("TOLLGATE_ADMIN_TOKEN", "admin_")
        )
        try secrets.fill(&configuration)
        return secrets
    }

    /// New ones, for a run that keeps nothing.
    static func make(for configuration: inout Configuration) throws -> DevelopmentSecrets {
        let secrets = DevelopmentSecrets(
            webhookSecret: "whsec_" + random(),
            gatewayToken: "gateway_" + random(),
            adminToken: "admin_" + random()
        )
        try secrets.fill(&configuration)
        return secrets
    }

    private func fill(_ configuration: inout Configuration) throws {
        if configuration.webhookSecrets.isEmpty {
            configuration.webhookSecrets = [try WebhookSecret(label: "dev", value: webhookSecret)]
        }
        if configuration.gatewayTokens.isEmpty {
            configuration.gatewayTokens = [LabelledToken(label: "dev", value: gatewayToken)]
        }
        if configuration.adminTokens.isEmpty {
            configuration.adminTokens = [LabelledToken(label: "dev", value: adminToken)]
        }
    }

    /// Leaves them, and where the listeners are, for the other commands in the same folder.
    func save(publicAddress: ListenerAddress, privateAddress: ListenerAddress) throws {
        let text = DevelopmentEnvironment.text([
            "STRIPE_WEBHOOK_SECRET": webhookSecret,
            "TOLLGATE_GATEWAY_TOKEN": gatewayToken,
            "TOLLGATE_ADMIN_TOKEN": adminToken,
            "TOLLGATE_PUBLIC_ADDRESS": "\(publicAddress)",
            "TOLLGATE_PRIVATE_ADDRESS": "\(privateAddress)",
        ])
        let path = DevelopmentEnvironment.path
        // Made with its mode, so that nobody else can read it even for a moment.
        try? FileManager.default.removeItem(atPath: path)  // of an earlier run, if there was one
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade else {
            throw ConfigurationError(variable: path, reason: "the file cannot be written; is the folder yours?")
        }
    }

    private static func random() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<32).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
