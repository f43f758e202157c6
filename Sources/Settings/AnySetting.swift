// SPDX-License-Identifier: Apache-2.0

/// A setting of any type: what the table, the help texts and the checks know about it.
package protocol AnySetting: Sendable {
    /// The environment variable.
    var name: String { get }

    /// One line.
    var meaning: String { get }

    /// Whether its value is never printed, and may also come from the file that `NAME_FILE` names.
    var isSecret: Bool { get }

    /// The profiles that cannot run without it.
    var neededBy: Set<Profile> { get }

    /// What to set it to; nil if it has a default.
    var example: String? { get }

    /// How its default's cell in the documentation's table begins.
    var documentedDefault: String { get }

    /// The value when it is not set, as it would be written; nil if there is none.
    func defaultText(_ circumstances: SettingCircumstances) -> String?

    func reading(of variables: EnvironmentVariables, _ circumstances: SettingCircumstances) -> SettingReading
}

extension AnySetting {
    /// The variables that can set it.
    package var names: [String] { isSecret ? [name, EnvironmentVariables.file(of: name)] : [name] }
}
