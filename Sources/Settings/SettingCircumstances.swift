// SPDX-License-Identifier: Apache-2.0

/// What defaults depend on.
package struct SettingCircumstances: Sendable {
    package let profile: Profile

    /// Whether the log goes to a person, who gets text rather than JSON.
    package let logsToTerminal: Bool

    package init(profile: Profile = .serve, logsToTerminal: Bool = false) {
        self.profile = profile
        self.logsToTerminal = logsToTerminal
    }
}
