/// What is about to run: it decides which settings must be there and what the others default to.
enum Profile: CaseIterable, Sendable {
    case serve
    case serveHTTPOnly
    case serveWorkerOnly
    case dev
    case migrate
    case prune
    case spool

    /// `dev` starts a database of its own, and the spool lies on disk.
    var needsDatabase: Bool { self != .dev && self != .spool }

    /// What an operator does by hand also works in the folder of a `dev`, and on its database.
    var findsDatabaseOfDev: Bool { self == .migrate || self == .prune }

    /// The settings that it can do without: where one is left blank, that is no mistake.
    var needless: [String] {
        let secrets = ["STRIPE_WEBHOOK_SECRET", "TOLLGATE_GATEWAY_TOKEN", "TOLLGATE_ADMIN_TOKEN"]
        return ((needsSecrets ? [] : secrets) + (needsDatabase ? [] : ["DATABASE_URL"])).flatMap { [$0, $0 + "_FILE"] }
    }

    /// Webhook secrets and tokens: whoever answers requests needs them, and `dev` makes its own.
    var needsSecrets: Bool {
        switch self {
        case .serve, .serveHTTPOnly: true
        case .serveWorkerOnly, .dev, .migrate, .prune, .spool: false
        }
    }
}
