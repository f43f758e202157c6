// SPDX-License-Identifier: Apache-2.0

/// The result of reading one setting.
package struct SettingReading: Sendable {
    package let setting: any AnySetting

    /// The value as it is written (for a secret, its labels); nil if there is none or it is wrong.
    package let shown: String?

    package let origin: SettingOrigin

    /// Whether somebody set it.
    package let isSet: Bool

    let outcome: Result<any Sendable, ConfigurationError>

    package var fault: ConfigurationError? {
        guard case .failure(let fault) = outcome else { return nil }
        return fault
    }
}

/// A value in a box, because an optional in an `any` would lose its type with its value.
struct SettingValue<Value: Sendable>: Sendable {
    let value: Value
}
