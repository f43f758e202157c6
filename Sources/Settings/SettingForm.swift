// SPDX-License-Identifier: Apache-2.0

/// How the value of a setting is written.
package struct SettingForm<Value: Sendable>: Sendable {
    /// - Throws: `ConfigurationError`: what is wrong with the text, and what to write instead.
    let parse: @Sendable (_ text: String, _ variable: String) throws(ConfigurationError) -> Value

    /// What may be shown of a secret.
    let mask: @Sendable (Value) -> String

    /// Whether an empty text is a fault in itself, rather than the same as not set.
    let refusesNothing: Bool

    init(
        refusesNothing: Bool = false,
        mask: @escaping @Sendable (Value) -> String = { _ in "set" },
        parse: @escaping @Sendable (_ text: String, _ variable: String) throws(ConfigurationError) -> Value
    ) {
        self.parse = parse
        self.mask = mask
        self.refusesNothing = refusesNothing
    }
}

extension SettingForm where Value: RawRepresentable<String> & CaseIterable {
    static var choice: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard let choice = Value(rawValue: text) else {
                throw unknown(text, of: variable, Value.allCases.map(\.rawValue))
            }
            return choice
        }
    }
}

extension SettingForm<Bool> {
    static var flag: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard let flag = Bool(text) else { throw unknown(text, of: variable, ["true", "false"]) }
            return flag
        }
    }
}

extension SettingForm<Duration> {
    static var duration: SettingForm { SettingForm(parse: DurationSetting.parse) }
}

extension SettingForm<Duration?> {
    static var optionalDuration: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in try DurationSetting.parse(text, variable: variable)
        }
    }
}

extension SettingForm<Duration?> {
    /// `off` gives nil.
    static func durationOrOff(atLeast least: Duration) -> SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            if text == "off" { return nil }
            do throws(ConfigurationError) {
                let duration = try DurationSetting.parse(text, variable: variable)
                guard duration >= least else {
                    let shortest = DurationSetting.text(least)
                    throw ConfigurationError(
                        variable: variable, reason: "\"\(text)\" is shorter than \(shortest), the shortest allowed")
                }
                return duration
            } catch {
                throw ConfigurationError(variable: variable, reason: "\(error.reason); or write off")
            }
        }
    }
}

extension SettingForm<ListenAddress> {
    static var address: SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in try ListenAddress(text, variable: variable) }
    }
}

extension SettingForm<Int> {
    /// - Parameters:
    ///   - most: anything larger is a typing error, and sums with it would overflow.
    ///   - example: for the message to whoever wrote something else.
    static func count(atMost most: Int, suchAs example: String) -> SettingForm {
        SettingForm { (text, variable) throws(ConfigurationError) in
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                text.contains(where: { $0 != "0" })
            else {
                throw ConfigurationError(
                    variable: variable, reason: "\"\(text)\" is not a whole number above zero, such as \(example)")
            }
            guard let count = Int(text), count <= most else {
                throw ConfigurationError(variable: variable, reason: "\"\(text)\" is above \(most), the most allowed")
            }
            return count
        }
    }
}

extension SettingForm<String?> {
    /// The path of a folder; `off` gives nil.
    static var folderOrOff: SettingForm { SettingForm { text, _ in text == "off" ? nil : text } }
}

extension SettingForm {
    private static func unknown(_ text: String, of variable: String, _ choices: [String]) -> ConfigurationError {
        let known = choices.dropLast().joined(separator: ", ") + " or " + (choices.last ?? "")
        return ConfigurationError(variable: variable, reason: "\"\(text)\" is unknown; write \(known)")
    }
}
