// SPDX-License-Identifier: Apache-2.0

/// One setting that is missing or wrong. The process exits with code 78 before any port opens.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment variable to correct.
    package let variable: String

    /// What is wrong and what to write instead; never the value of a secret.
    package let reason: String

    package init(variable: String, reason: String) {
        self.variable = variable
        self.reason = reason
    }

    /// One line: `TOLLGATE_GRACE_PERIOD: …`.
    package var description: String { "\(variable): \(reason)" }
}
