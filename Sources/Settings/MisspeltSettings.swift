// SPDX-License-Identifier: Apache-2.0

/// Variables that look like settings but are not, for a command that reads some settings only.
package enum MisspeltSettings {
    /// - Parameter read: what the command reads: what resembles another setting, and does not begin with `TOLLGATE_`, is
    ///   no matter to it.
    /// - Returns: one error that names all of them; nil if there is nothing to fix.
    package static func fault(in environment: [String: String], for read: [any AnySetting]) -> ConfigurationError? {
        VariableNames.ofSettings.fault(in: environment, for: Set(read.flatMap(\.names)))
    }
}
