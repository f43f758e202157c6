// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings

/// A length of time as an option gives it, such as `30s`.
package enum DurationOption {
    /// - Throws: `ValidationError`, which names the option.
    package static func parse(_ text: String, option: String) throws -> Duration {
        do {
            return try DurationSetting.parse(text, variable: option)
        } catch {
            throw ValidationError("\(option): \(error.reason)")
        }
    }
}
