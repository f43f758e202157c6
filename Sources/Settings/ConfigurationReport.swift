// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// All settings of a command as an environment gives them, with everything that is wrong.
package struct ConfigurationReport: Sendable {
    /// In the table's order.
    package let readings: [SettingReading]

    /// In the order in which they are reported: what may explain the rest comes first. Empty if there are none.
    package let faults: [ConfigurationError]

    /// Whose defaults are in force: those of `dev`, where this is about its database.
    package let standards: Profile

    private let values: Configuration

    /// - Parameters:
    ///   - profile: the command, which determines what must be set.
    ///   - isTerminal: whether the log goes to a person, who gets text rather than JSON.
    ///   - development: what is taken of the file that `tollgate dev` left, in place of the environment's.
    ///   - readFile: reads the file of a `NAME_FILE` variable.
    package init(
        profile: Profile,
        environment: [String: String],
        isTerminal: Bool,
        development: [String: String] = [:],
        readFile: @escaping (String) throws -> String = EnvironmentVariables.contents(ofFile:)
    ) {
        var environment = environment
        let leftAside = profile == .dev ? Self.secrets.filter { environment[$0] != nil } : []
        for name in leftAside { environment[name] = nil }
        for name in profile.needless where environment[name]?.allSatisfy(\.isWhitespace) == true {
            environment[name] = nil
        }
        // As it was given: a name that is misspelt is so whatever dev has put in its place.
        let misspelt = VariableNames.ofSettings.fault(in: environment)
        for (name, value) in development {
            environment[name] = value
            environment[EnvironmentVariables.file(of: name)] = nil
        }
        let variables = EnvironmentVariables(
            environment, ofDevelopment: Set(development.keys), readFile: readFile)
        standards = development.isEmpty ? profile : .dev
        let circumstances = SettingCircumstances(profile: standards, logsToTerminal: isTerminal)
        readings = SettingTable.all.map { $0.reading(of: variables, circumstances) }

        var values: [String: any Sendable] = [:]
        for reading in readings {
            if case .success(let value) = reading.outcome { values[reading.setting.name] = value }
        }
        let ofFiles = readings.filter { if case .file = $0.origin { true } else { false } }
        self.values = Configuration(
            profile: profile, leftAside: leftAside, isOfDevelopment: !development.isEmpty,
            ofFiles: Set(ofFiles.map(\.setting.name)), values: values)

        var faults = readings.compactMap(\.fault)
        let isWhole = faults.isEmpty
        // Before the missing ones: a misspelt name leaves its setting unset.
        if let misspelt { faults.append(misspelt) }
        let missing = readings.filter { !$0.isSet && $0.setting.neededBy.contains(profile) }
        if let fault = MissingSettings.error(missing.map(\.setting)) { faults.append(fault) }
        if isWhole { faults += self.values.contradictions }
        self.faults = faults
    }

    /// From this process's environment, with the log on standard error. Commands that an operator runs by hand also
    /// find the database of a `tollgate dev` in the current folder.
    /// - Parameter say: gets a line if that database is used.
    /// - Throws: `ConfigurationError` if what `dev` left cannot be trusted or read.
    package static func ofProcess(
        _ profile: Profile,
        say: (String) -> Void
    ) throws(ConfigurationError) -> ConfigurationReport {
        let environment = ProcessInfo.processInfo.environment
        var development: [String: String] = [:]
        if profile.findsDatabaseOfDev, environment["DATABASE_URL"] == nil, environment["DATABASE_URL_FILE"] == nil {
            let dev = try DevelopmentEnvironment.load()
            if let database = dev["DATABASE_URL"] {
                let path = DevelopmentEnvironment.path
                say("tollgate: DATABASE_URL is not set, so this is about the database of \(path)")
                development["DATABASE_URL"] = database
                // What that server has spooled is signed with this secret, under the label that it gives it.
                development["STRIPE_WEBHOOK_SECRET"] = dev["STRIPE_WEBHOOK_SECRET"].map {
                    "\(DevelopmentEnvironment.label)=\($0)"
                }
            }
        }
        return ConfigurationReport(
            profile: profile, environment: environment, isTerminal: isatty(STDERR_FILENO) == 1,
            development: development)
    }

    /// - Throws: the first fault.
    package func configuration() throws(ConfigurationError) -> Configuration {
        if let fault = faults.first { throw fault }
        return values
    }

    /// The variables whose values must not be printed.
    private static let secrets = SettingTable.all.filter(\.isSecret).flatMap(\.names).sorted()
}
