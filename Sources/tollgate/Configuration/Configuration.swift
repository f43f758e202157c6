import Billing
import FoundationEssentials
import Glibc
import Logging
import Stripe

/// Everything the environment says about how Tollgate runs, checked before any port opens.
struct Configuration: Sendable {
    /// Which events count: those of real money or those of Stripe's test mode.
    enum Mode: String, CaseIterable, Sendable {
        case live, test
    }

    enum LogFormat: String, CaseIterable, Sendable {
        case text, json
    }

    /// nil only where it is not required: under `dev`, which starts a database of its own.
    var databaseURL: Secret?
    /// At least one, but under `dev`, `migrate`, `prune` and a lone worker.
    var webhookSecrets: [WebhookSecret]
    var mode: Mode
    /// Connected accounts whose events count; empty for none.
    var connectedAccounts: Set<String>
    /// How far a signature's time may lie from the receipt's.
    var tolerance: Duration
    /// Where the webhook listener binds.
    var publicAddress: ListenAddress
    /// Where gateways, operators and metrics are answered.
    var privateAddress: ListenAddress
    var gatewayTokens: [LabelledToken]
    var adminTokens: [LabelledToken]
    /// How long access stays on after an invoice's first failure.
    var gracePeriod: Duration
    /// The metadata key that says how many credits a purchase buys.
    var creditsKey: String
    var blockOnDispute: Bool
    /// Which invoices without a subscription are debts.
    var debts: Policy.Debts
    /// How many customers' decisions are kept in memory.
    var accessCache: Int
    /// Where events wait while the database is away; nil where that is switched off.
    var spoolDirectory: String?
    /// How much of the disk they may take, in bytes.
    var spoolLimit: Int
    /// How long the flag may be served from memory while the database is away.
    var accessStale: Duration
    /// How long payloads of finished events are kept.
    var retention: Duration
    var logLevel: Logger.Level
    var logFormat: LogFormat
    /// The variables that are set and not looked at: under `dev`, which has secrets of its own.
    var leftAside: [String]

    /// - Parameters:
    ///   - profile: the command, which says what must be set.
    ///   - isTerminal: whether the log goes to a person, who gets text rather than JSON.
    ///   - readFile: reads the file of a `NAME_FILE` variable.
    init(
        profile: Profile,
        environment: [String: String],
        isTerminal: Bool,
        readFile: @escaping (String) throws -> String = EnvironmentVariables.contents(ofFile:)
    ) throws(ConfigurationError) {
        var environment = environment
        leftAside = profile == .dev ? Self.secrets(in: environment) : []
        for name in leftAside { environment[name] = nil }
        for name in profile.needless where environment[name]?.allSatisfy(\.isWhitespace) == true {
            environment[name] = nil
        }
        let variables = EnvironmentVariables(environment, readFile: readFile)
        let reader = SettingReader(variables)

        databaseURL = try reader.databaseURL()
        webhookSecrets = try reader.webhookSecrets()
        mode = try reader.choice("STRIPE_MODE", default: profile == .dev ? .test : .live)
        connectedAccounts = try reader.connectedAccounts()
        tolerance = try reader.duration("STRIPE_TOLERANCE", default: .seconds(300))

        let anyHost = profile == .dev ? "127.0.0.1" : "0.0.0.0"
        publicAddress = try reader.address(
            "TOLLGATE_PUBLIC_ADDRESS", default: ListenAddress(host: anyHost, port: 8080))
        privateAddress = try reader.address(
            "TOLLGATE_PRIVATE_ADDRESS", default: ListenAddress(host: "127.0.0.1", port: 8081))
        gatewayTokens = try reader.tokens("TOLLGATE_GATEWAY_TOKEN")
        adminTokens = try reader.tokens("TOLLGATE_ADMIN_TOKEN")

        gracePeriod = try reader.duration("TOLLGATE_GRACE_PERIOD", default: .seconds(72 * 3_600))
        creditsKey = try reader.creditsKey()
        blockOnDispute = try reader.flag("TOLLGATE_BLOCK_ON_DISPUTE", default: false)
        debts = try reader.choice("TOLLGATE_DEBTS", default: .charged)
        accessCache = try reader.count("TOLLGATE_ACCESS_CACHE", default: 1_000_000, atMost: 100_000_000)
        spoolDirectory = reader.spoolDirectory()
        spoolLimit = try reader.count("TOLLGATE_SPOOL_LIMIT", default: 1 << 30, atMost: 1 << 50)
        accessStale = try reader.duration("TOLLGATE_ACCESS_STALE", default: .seconds(15 * 60))
        retention = try reader.duration("TOLLGATE_RETENTION", default: .seconds(90 * 86_400))
        logLevel = try reader.logLevel()
        logFormat = try reader.choice("TOLLGATE_LOG_FORMAT", default: isTerminal ? .text : .json)

        // First what may explain the rest: a misspelt name leaves its setting unset.
        let names = VariableNames(settings: variables.askedNames)
        if let error = names.fault(in: environment) { throw error }
        if let error = MissingSettings.error(missing(for: profile)) { throw error }
        try checkTokensDiffer()
        try checkAddressesDiffer()
    }

    /// What a command cannot do without.
    private func missing(for profile: Profile) -> [MissingSettings.Setting] {
        let isMissing: [(MissingSettings.Setting, Bool)] = [
            (.databaseURL, profile.needsDatabase && databaseURL == nil),
            (.webhookSecret, profile.needsSecrets && webhookSecrets.isEmpty),
            (.gatewayToken, profile.needsSecrets && gatewayTokens.isEmpty),
            (.adminToken, profile.needsSecrets && adminTokens.isEmpty),
        ]
        return isMissing.filter(\.1).map(\.0)
    }

    /// From this process's environment; the log goes to standard error.
    init(profile: Profile) throws(ConfigurationError) {
        var environment = ProcessInfo.processInfo.environment
        if profile.findsDatabaseOfDev, environment["DATABASE_URL"] == nil, environment["DATABASE_URL_FILE"] == nil {
            let dev = try DevelopmentEnvironment.load()
            if let database = dev["DATABASE_URL"] {
                let path = DevelopmentEnvironment.path
                ExitReport.say("tollgate: DATABASE_URL is not set, so this is about the database of \(path)")
                environment["DATABASE_URL"] = database
                // What its server has spooled is signed with it.
                environment["STRIPE_WEBHOOK_SECRET"] = dev["STRIPE_WEBHOOK_SECRET"]
                environment["STRIPE_WEBHOOK_SECRET_FILE"] = nil
            }
        }
        try self.init(profile: profile, environment: environment, isTerminal: isatty(STDERR_FILENO) == 1)
    }

    /// The names of what must not be printed.
    private static func secrets(in environment: [String: String]) -> [String] {
        ["DATABASE_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "TOLLGATE_ADMIN_TOKEN", "TOLLGATE_GATEWAY_TOKEN"]
            .flatMap { [$0, $0 + "_FILE"] }
            .filter { environment[$0] != nil }
    }

    /// Checks that the listeners could listen; touches no port of another process.
    /// - Parameter isPublic: whether there is a public one.
    func checkAddresses(isPublic: Bool = true) throws {
        try ListenProbe.check(
            (isPublic ? [("TOLLGATE_PUBLIC_ADDRESS", publicAddress)] : [])
                + [("TOLLGATE_PRIVATE_ADDRESS", privateAddress)])
    }

    private func checkTokensDiffer() throws(ConfigurationError) {
        let gateway = Set(gatewayTokens.map(\.value))
        if adminTokens.contains(where: { gateway.contains($0.value) }) {
            let reason =
                "holds a token that is also in TOLLGATE_GATEWAY_TOKEN; a gateway must not be able to act as admin"
            throw ConfigurationError(variable: "TOLLGATE_ADMIN_TOKEN", reason: reason)
        }
    }

    private func checkAddressesDiffer() throws(ConfigurationError) {
        if publicAddress == privateAddress, publicAddress.port != 0 {
            let reason = "\(privateAddress) is also TOLLGATE_PUBLIC_ADDRESS; give each listener its own port"
            throw ConfigurationError(variable: "TOLLGATE_PRIVATE_ADDRESS", reason: reason)
        }
    }
}
