// SPDX-License-Identifier: Apache-2.0

import Metering

extension SettingForm<String> {
    /// As plans are named.
    static var planName: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard text.utf8.count <= 64, text.wholeMatch(of: /[a-z0-9][a-z0-9_\-]*/) != nil else {
                throw ConfigurationError(
                    variable: variable,
                    reason:
                        "\"\(text)\" is no plan: 1 to 64 of a-z, 0-9, _ and -, of which the first is a letter or a digit"
                )
            }
            return text
        }
    }
}

extension SettingForm<CreditValue> {
    static var creditValue: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard let value = DecimalNumber(text).flatMap(CreditValue.init) else {
                throw ConfigurationError(
                    variable: variable,
                    reason: "\"\(text)\" is no amount of dollars above 0 with at most 12 decimals, such as 0.001")
            }
            return value
        }
    }
}

extension SettingForm<Dollars> {
    static var dollars: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard let value = Dollars(text), value >= .zero else {
                throw ConfigurationError(variable: variable, reason: "\"\(text)\" is no amount of dollars, such as 10")
            }
            return value
        }
    }
}
