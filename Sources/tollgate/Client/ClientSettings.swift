import FoundationEssentials
import Stripe

/// What the commands that talk to a running Tollgate need to know: from the environment, else from what `tollgate dev`
/// left in the current folder, else the contract's defaults.
struct ClientSettings {
    private let environment: [String: String]
    private let development: () throws(ConfigurationError) -> [String: String]

    init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        development: @escaping () throws(ConfigurationError) -> [String: String] = DevelopmentEnvironment.load
    ) {
        self.environment = environment
        self.development = development
    }

    /// The first of them: what it signs, the receiver accepts.
    func webhookSecret() throws(ConfigurationError) -> WebhookSecret {
        let name = "STRIPE_WEBHOOK_SECRET"
        guard let secret = try reader(name).webhookSecrets(required: false).first else {
            throw missing(name, orGive: "--secret")
        }
        return secret
    }

    /// The first of them, without its label.
    func adminToken() throws(ConfigurationError) -> Secret {
        let name = "TOLLGATE_ADMIN_TOKEN"
        guard let token = try reader(name).tokens(name, required: false).first else {
            throw missing(name, orGive: "--token")
        }
        return Secret(token.value)
    }

    /// The first of them, without its label.
    func gatewayToken() throws(ConfigurationError) -> Secret {
        let name = "TOLLGATE_GATEWAY_TOKEN"
        guard let token = try reader(name).tokens(name, required: false).first else {
            throw missing(name, orGive: "--token")
        }
        return Secret(token.value)
    }

    /// nil where nobody said: only `bench` looks there, and can do without.
    func databaseURL() throws(ConfigurationError) -> Secret? {
        try SettingReader(EnvironmentVariables(environment)).databaseURL(required: false)
    }

    /// Where the webhook listener is reached from this machine.
    func publicURL() throws(ConfigurationError) -> String {
        try url("TOLLGATE_PUBLIC_ADDRESS", port: 8080, orGive: "--to")
    }

    /// Where the private listener is reached from this machine.
    func privateURL() throws(ConfigurationError) -> String {
        try url("TOLLGATE_PRIVATE_ADDRESS", port: 8081, orGive: "--url")
    }

    func creditsKey() throws(ConfigurationError) -> String {
        try reader("TOLLGATE_CREDITS_KEY").creditsKey()
    }

    private func url(_ name: String, port: Int, orGive option: String) throws(ConfigurationError) -> String {
        let address = try reader(name).address(name, default: ListenAddress(host: "127.0.0.1", port: port))
        guard address.port != 0 else {
            let reason = "port 0 is any free port, which nobody can know; give the address with \(option)"
            throw ConfigurationError(variable: name, reason: reason)
        }
        return "http://\(address.reachable)"
    }

    /// The file is looked at only for what the environment leaves open.
    private func reader(_ name: String) throws(ConfigurationError) -> SettingReader {
        let variables = EnvironmentVariables(environment)
        if variables.text(name) != nil || variables.text("\(name)_FILE") != nil { return SettingReader(variables) }
        return SettingReader(EnvironmentVariables(try development()))
    }

    private func missing(_ name: String, orGive option: String) -> ConfigurationError {
        let file = DevelopmentEnvironment.path
        let reason = "is not set, here or in \(file); give \(option), set it, or go where tollgate dev was started"
        return ConfigurationError(variable: name, reason: reason)
    }
}
