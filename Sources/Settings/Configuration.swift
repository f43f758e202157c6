// SPDX-License-Identifier: Apache-2.0

/// Everything the environment says about how Tollgate runs, checked before any port opens. Its members are those of
/// `SettingTable`, as values: `configuration.gracePeriod`.
@dynamicMemberLookup
package struct Configuration: Sendable {
    /// Which events count: those with real money, or those of Stripe's test mode.
    package enum Mode: String, CaseIterable, Sendable {
        case live, test
    }

    /// The command that it is for.
    package let profile: Profile

    /// The variables that are set but ignored: under `dev`, which has its own secrets.
    package let leftAside: [String]

    /// Whether it is about the database of the `tollgate dev` in this folder.
    package let isOfDevelopment: Bool

    /// The settings whose values `NAME_FILE` gave.
    private let ofFiles: Set<String>

    private var values: [String: any Sendable]

    init(
        profile: Profile, leftAside: [String], isOfDevelopment: Bool, ofFiles: Set<String>,
        values: [String: any Sendable]
    ) {
        self.profile = profile
        self.ofFiles = ofFiles
        self.isOfDevelopment = isOfDevelopment
        self.leftAside = leftAside
        self.values = values
    }

    /// - Throws: the first fault, in the order of `ConfigurationReport.faults`.
    /// - Parameters:
    ///   - profile: the command, which determines what must be set.
    ///   - isTerminal: whether the log goes to a person, who gets text rather than JSON.
    ///   - readFile: reads the file of a `NAME_FILE` variable.
    package init(
        profile: Profile,
        environment: [String: String],
        isTerminal: Bool,
        readFile: @escaping (String) throws -> String = EnvironmentVariables.contents(ofFile:)
    ) throws(ConfigurationError) {
        self = try ConfigurationReport(
            profile: profile, environment: environment, isTerminal: isTerminal, readFile: readFile
        ).configuration()
    }

    /// From this process's environment, as `ConfigurationReport.ofProcess` reads it.
    package init(profile: Profile, say: (String) -> Void) throws(ConfigurationError) {
        self = try ConfigurationReport.ofProcess(profile, say: say).configuration()
    }

    package subscript<Value: Sendable>(dynamicMember path: KeyPath<SettingTable, Setting<Value>>) -> Value {
        get {
            let name = SettingTable.shared[keyPath: path].name
            guard let found = values[name] as? SettingValue<Value> else {
                // Only a report without faults yields a configuration, and it has read the whole table.
                preconditionFailure("\(name) was not read")
            }
            return found.value
        }
        set { values[SettingTable.shared[keyPath: path].name] = SettingValue(value: newValue) }
    }

    /// The variable to correct where the value of a setting is wrong: the one that was set.
    package func variable<Value: Sendable>(of path: KeyPath<SettingTable, Setting<Value>>) -> String {
        let name = SettingTable.shared[keyPath: path].name
        return ofFiles.contains(name) ? EnvironmentVariables.file(of: name) : name
    }

    /// A setting that the command cannot do without.
    /// - Throws: `ConfigurationError` if it is not set.
    package func required<Value: Sendable>(
        _ path: KeyPath<SettingTable, Setting<Value?>>
    ) throws(ConfigurationError) -> Value {
        if let value = self[dynamicMember: path] { return value }
        let setting = SettingTable.shared[keyPath: path]
        throw MissingSettings.error([setting])
            ?? ConfigurationError(variable: setting.name, reason: "is not set")
    }
}
