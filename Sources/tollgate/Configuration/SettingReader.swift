import FoundationEssentials
import Logging
import Postgres
import Stripe

/// Reads one setting at a time: its value, its default, or what is wrong with it.
struct SettingReader {
    private let variables: EnvironmentVariables

    init(_ variables: EnvironmentVariables) {
        self.variables = variables
    }

    // MARK: Secrets

    func databaseURL() throws(ConfigurationError) -> Secret? {
        let name = "DATABASE_URL"
        guard let text = try variables.secret(name) else { return nil }
        let isURI = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
        guard isURI || Self.isKeywordString(text) else {
            let reason =
                "is no PostgreSQL address; write postgresql://user:password@host:5432/database or host=… dbname=…"
            throw ConfigurationError(variable: name, reason: reason)
        }
        do {
            try DataSource(text).check()
        } catch {
            throw ConfigurationError(variable: name, reason: "\(error)")
        }
        return Secret(text)
    }

    func webhookSecrets() throws(ConfigurationError) -> [WebhookSecret] {
        let name = "STRIPE_WEBHOOK_SECRET"
        let hint = "copy the endpoint's signing secret (whsec_…) from Stripe's dashboard"
        guard let text = try variables.secret(name) else {
            // Set to nothing is a template that nobody filled in, and an empty key would let anybody sign.
            if variables.isSetToNothing(name) { throw ConfigurationError(variable: name, reason: "is blank; \(hint)") }
            return []
        }
        if text.allSatisfy(\.isWhitespace) { throw ConfigurationError(variable: name, reason: "is blank; \(hint)") }
        let entries = try LabelledEntry.list(text, variable: name) { entry in
            entry.hasPrefix("whsec_") ? nil : entry.firstIndex(of: "=").map { entry[..<$0] }
        }
        var secrets: [WebhookSecret] = []
        for entry in entries {
            do {
                secrets.append(try WebhookSecret(label: entry.label, value: entry.value))
            } catch {
                throw ConfigurationError(variable: name, reason: "entry \(entry.position): \(error)")
            }
            guard entry.value.hasPrefix("whsec_"), entry.value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                let reason = "entry \(entry.position) is no signing secret, which is whsec_ and no white space; \(hint)"
                throw ConfigurationError(variable: name, reason: reason)
            }
        }
        return secrets
    }

    func tokens(_ name: String) throws(ConfigurationError) -> [LabelledToken] {
        guard let text = try variables.secret(name) else { return [] }
        return try LabelledToken.list(text, variable: name)
    }

    // MARK: Stripe

    func connectedAccounts() throws(ConfigurationError) -> Set<String> {
        let name = "STRIPE_ACCOUNTS"
        guard let text = variables.text(name) else { return [] }
        var accounts: Set<String> = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let account = piece.drop { $0 == " " || $0 == "\t" }
            let digits = account.dropFirst("acct_".count)
            let isID = !digits.isEmpty && digits.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard account.hasPrefix("acct_"), isID else {
                let reason = "\"\(account)\" is no account; write ids such as acct_1A2b3C, separated by commas"
                throw ConfigurationError(variable: name, reason: reason)
            }
            accounts.insert(String(account))
        }
        return accounts
    }

    func creditsKey() throws(ConfigurationError) -> String {
        let name = "TOLLGATE_CREDITS_KEY"
        guard let text = variables.text(name) else { return "credits" }
        // Stripe's own limits for metadata keys.
        guard text.count <= 40, !text.contains(where: { "[]".contains($0) }) else {
            let reason = "\"\(text)\" is no metadata key of Stripe's: at most 40 characters, no square brackets"
            throw ConfigurationError(variable: name, reason: reason)
        }
        return text
    }

    // MARK: Tollgate

    func address(_ name: String, default standard: ListenAddress) throws(ConfigurationError) -> ListenAddress {
        guard let text = variables.text(name) else { return standard }
        return try ListenAddress(text, variable: name)
    }

    func duration(_ name: String, default standard: Duration) throws(ConfigurationError) -> Duration {
        guard let text = variables.text(name) else { return standard }
        return try DurationSetting.parse(text, variable: name)
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        default standard: Choice
    ) throws(ConfigurationError) -> Choice {
        guard let text = variables.text(name) else { return standard }
        guard let choice = Choice(rawValue: text) else {
            throw unknown(text, of: name, Choice.allCases.map(\.rawValue))
        }
        return choice
    }

    func flag(_ name: String, default standard: Bool) throws(ConfigurationError) -> Bool {
        guard let text = variables.text(name) else { return standard }
        guard let flag = Bool(text) else { throw unknown(text, of: name, ["true", "false"]) }
        return flag
    }

    /// - Parameter most: what is larger is a slip of the pen, and sums with it would overflow.
    func count(_ name: String, default standard: Int, atMost most: Int) throws(ConfigurationError) -> Int {
        guard let text = variables.text(name) else { return standard }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.contains(where: { $0 != "0" })
        else {
            throw ConfigurationError(
                variable: name, reason: "\"\(text)\" is no whole number above zero, such as \(standard)")
        }
        guard let count = Int(text), count <= most else {
            throw ConfigurationError(variable: name, reason: "\"\(text)\" is above \(most), the most allowed")
        }
        return count
    }

    func spoolDirectory() -> String? {
        let text = variables.text("TOLLGATE_SPOOL_DIR") ?? "./.tollgate/spool"
        return text == "off" ? nil : text
    }

    func logLevel() throws(ConfigurationError) -> Logger.Level {
        try choice("TOLLGATE_LOG_LEVEL", default: .info)
    }

    // MARK: Faults

    private func unknown(_ text: String, of name: String, _ choices: [String]) -> ConfigurationError {
        let known = choices.dropLast().joined(separator: ", ") + " or " + (choices.last ?? "")
        return ConfigurationError(variable: name, reason: "\"\(text)\" is unknown; write \(known)")
    }

    /// `host=db dbname=tollgate`: what libpq takes besides a URI.
    private static func isKeywordString(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else { return false }
        let keyword = text[..<equals].drop { $0.isWhitespace }
        return keyword.first?.isLetter == true
            && keyword.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == " ") }
    }
}
