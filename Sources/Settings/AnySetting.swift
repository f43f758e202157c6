// SPDX-License-Identifier: Apache-2.0

/// A setting whatever its value is: what the table, the help texts and the checks know of each.
package protocol AnySetting: Sendable {
    /// The environment variable.
    var name: String { get }

    /// One line.
    var meaning: String { get }

    /// Whether its value is never printed, and may be in the file that `NAME_FILE` names.
    var isSecret: Bool { get }

    /// What cannot run without it.
    var neededBy: Set<Profile> { get }

    /// What to set it to; nil for what has a default.
    var example: String? { get }

    /// How its cell in the table of the documentation begins.
    var documentedDefault: String { get }

    /// What holds where it is not set, as it would be written; nil where that is nothing.
    func defaultText(_ circumstances: SettingCircumstances) -> String?

    func reading(of variables: EnvironmentVariables, _ circumstances: SettingCircumstances) -> SettingReading
}

extension AnySetting {
    /// The variables that it can be given by.
    package var names: [String] { isSecret ? [name, name + "_FILE"] : [name] }
}
