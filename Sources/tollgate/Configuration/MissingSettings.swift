/// The settings that a command cannot do without and that are not set: all of them in one line, so that nobody starts
/// five times to hear of four.
enum MissingSettings {
    struct Setting: Hashable {
        let name: String
        let example: String

        static let databaseURL = Setting(
            name: "DATABASE_URL", example: "postgresql://user:password@host:5432/database or host=… dbname=…")
        static let webhookSecret = Setting(
            name: "STRIPE_WEBHOOK_SECRET", example: "the endpoint's signing secret (whsec_…) from Stripe's dashboard")
        static let gatewayToken = Setting(
            name: "TOLLGATE_GATEWAY_TOKEN", example: "a token made with: openssl rand -hex 32")
        static let adminToken = Setting(
            name: "TOLLGATE_ADMIN_TOKEN", example: "another token made with: openssl rand -hex 32")
    }

    static func error(_ missing: [Setting]) -> ConfigurationError? {
        guard let first = missing.first else { return nil }
        let others = missing.dropFirst()
        guard !others.isEmpty else {
            let reason = "is not set; set it, or \(first.name)_FILE, to \(first.example)"
            return ConfigurationError(variable: first.name, reason: reason)
        }
        let names = others.map(\.name).joined(separator: ", ")
        let examples = missing.map { "\($0.name) to \($0.example)" }.joined(separator: "; ")
        return ConfigurationError(
            variable: first.name, reason: "is not set, nor is \(names); set each, or its NAME_FILE: \(examples)")
    }
}
