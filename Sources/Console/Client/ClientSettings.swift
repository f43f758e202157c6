// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Settings
import Stripe

/// What the commands that talk to a running Tollgate need: from the environment, else from the file that `tollgate dev`
/// wrote into the current folder, else the defaults.
///
/// A secret from the environment is never sent to an address from the file: a shell with production settings may be in
/// that folder by chance. A secret from the file is sent only to the file's own address.
package struct ClientSettings {
    /// A kind of credential; each is for one listener.
    package enum Credential: Sendable {
        case webhookSecret, gatewayToken, adminToken

        var variable: String {
            switch self {
            case .webhookSecret: SettingTable.shared.webhookSecrets.name
            case .gatewayToken: SettingTable.shared.gatewayTokens.name
            case .adminToken: SettingTable.shared.adminTokens.name
            }
        }

        var option: String { self == .webhookSecret ? "--secret" : "--token" }

        fileprivate var listener: Listener { self == .webhookSecret ? .public : .private }
    }

    fileprivate struct Listener {
        let setting: Setting<ListenAddress>
        let option: String

        var variable: String { setting.name }

        static let `public` = Listener(setting: SettingTable.shared.publicAddress, option: "--to")
        static let `private` = Listener(setting: SettingTable.shared.privateAddress, option: "--url")
    }

    private let environment: [String: String]
    private let development: () throws(ConfigurationError) -> [String: String]

    /// The settings read here; `bench` also reads the database's address.
    private static let read: [any AnySetting] = [
        SettingTable.shared.webhookSecrets, SettingTable.shared.gatewayTokens, SettingTable.shared.adminTokens,
        SettingTable.shared.publicAddress, SettingTable.shared.privateAddress, SettingTable.shared.creditsKey,
        SettingTable.shared.mode,
    ]

    /// - Parameter readsDatabase: whether the database's address is read as well.
    /// - Throws: an error that names all variables that look like settings but are not, as `serve` does.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        readsDatabase: Bool = false,
        development: @escaping () throws(ConfigurationError) -> [String: String] = DevelopmentEnvironment.load
    ) throws(ConfigurationError) {
        let read = Self.read + (readsDatabase ? [SettingTable.shared.databaseURL] : [])
        if let fault = VariableNames.ofSettings.fault(in: environment, for: read) { throw fault }
        self.environment = environment
        self.development = development
    }

    // MARK: Addresses

    /// Where the listener that takes a credential is reached from this machine.
    package func url(for credential: Credential) throws(ConfigurationError) -> String {
        try url(credential.listener, looksIntoFile: !isSet(credential.variable))
    }

    /// The private listener's address, for requests without a credential.
    package func privateURL() throws(ConfigurationError) -> String {
        try url(.private, looksIntoFile: true)
    }

    private func url(_ listener: Listener, looksIntoFile: Bool) throws(ConfigurationError) -> String {
        if isSet(listener.variable) || !looksIntoFile { return try url(listener, in: environment) }
        return try url(listener, in: development())
    }

    private func url(_ listener: Listener, in values: [String: String]) throws(ConfigurationError) -> String {
        let address = try listener.setting.value(in: EnvironmentVariables(values))
        guard address.port != 0 else {
            let reason = "port 0 is any free port, which nobody can know; give the address with \(listener.option)"
            throw ConfigurationError(variable: listener.variable, reason: reason)
        }
        return "http://\(address.reachable)"
    }

    // MARK: Credentials

    /// The first of the secrets: the receiver accepts what any of them signs.
    package func webhookSecret(for url: String) throws(ConfigurationError) -> WebhookSecret {
        let variables = EnvironmentVariables(try source(of: .webhookSecret, for: url))
        let secrets = try SettingTable.shared.webhookSecrets.value(in: variables)
        guard let secret = secrets.first else { throw try missing(.webhookSecret, for: url) }
        return secret
    }

    /// The first of the tokens, without its label.
    /// - Parameter option: the option by which it may be given, for a message; nil for the usual one.
    package func token(
        _ credential: Credential, for url: String, option: String? = nil
    ) throws(ConfigurationError) -> Secret {
        let setting =
            credential == .adminToken ? SettingTable.shared.adminTokens : SettingTable.shared.gatewayTokens
        let tokens = try setting.value(in: EnvironmentVariables(source(of: credential, for: url)))
        guard let token = tokens.first else { throw try missing(credential, for: url, option: option) }
        return Secret(token.value)
    }

    /// The file is read only if the environment does not set the credential.
    private func source(of credential: Credential, for url: String) throws(ConfigurationError) -> [String: String] {
        if isSet(credential.variable) { return environment }
        let file = try development()
        return try isOwnAddress(url, of: credential, in: file) ? file : [:]
    }

    private func isOwnAddress(
        _ url: String, of credential: Credential, in file: [String: String]
    ) throws(ConfigurationError) -> Bool {
        guard file[credential.listener.variable] != nil else { return false }
        return try self.url(credential.listener, in: file) == url
    }

    private func missing(
        _ credential: Credential, for url: String, option: String? = nil
    ) throws(ConfigurationError) -> ConfigurationError {
        let option = option ?? credential.option
        let path = DevelopmentEnvironment.path
        let file = try development()
        var reason =
            "is not set, here or in \(path); give \(option), set it, or go where tollgate dev was started"
        if file[credential.variable] != nil {
            reason = "is not set, and that of \(path) is not for \(url); give \(option), or set it"
        }
        return ConfigurationError(variable: credential.variable, reason: reason)
    }

    private func isSet(_ name: String) -> Bool {
        [name, "\(name)_FILE"].contains { environment[$0]?.isEmpty == false }
    }

    // MARK: The rest

    /// Nil if not set: `bench`, the only user, can do without. The one in the file is only for the file's own server.
    /// - Parameter base: the server's private listener, if it is known.
    package func databaseURL(of base: String?) throws(ConfigurationError) -> Secret? {
        let setting = SettingTable.shared.databaseURL
        if isSet(setting.name) { return try setting.value(in: EnvironmentVariables(environment)) }
        guard let base else { return nil }
        let file = try development()
        guard try isOwnAddress(base, of: .adminToken, in: file) else { return nil }
        return try setting.value(in: EnvironmentVariables(file))
    }

    /// Other programs read this variable too.
    var certificateFile: String? { EnvironmentVariables(environment).text("SSL_CERT_FILE") }

    package func creditsKey() throws(ConfigurationError) -> String {
        try SettingTable.shared.creditsKey.value(in: EnvironmentVariables(environment))
    }
}
