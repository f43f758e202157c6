// SPDX-License-Identifier: Apache-2.0

/// The declaration of one environment variable. Everything else follows from it: how it is read and checked, what
/// `tollgate config` and the help texts say about it, and what the documentation's table must say.
package struct Setting<Value: Sendable>: AnySetting {
    /// The value when the variable is not set.
    private enum Standard: Sendable {
        /// As it would be written, and its variants under `dev` and when the log goes to a terminal.
        case text(String, dev: String?, terminal: String?)
        /// No value, which a command that needs the setting does not accept.
        case nothing(Value, needed: Need?)
    }

    private struct Need: Sendable {
        let profiles: Set<Profile>
        let example: String
    }

    package let name: String
    package let meaning: String
    package let isSecret: Bool
    private let form: SettingForm<Value>
    private let standard: Standard

    /// A setting that has a default.
    /// - Parameters:
    ///   - standard: the default, as it would be written in an environment.
    ///   - dev: the default under `tollgate dev`, if different.
    ///   - terminal: the default when the log goes to a terminal, if different.
    ///   - meaning: one line, which begins the variable's cell in the documentation.
    package init(
        _ name: String,
        _ form: SettingForm<Value>,
        default standard: String,
        dev: String? = nil,
        terminal: String? = nil,
        meaning: String
    ) {
        self.name = name
        self.form = form
        self.standard = .text(standard, dev: dev, terminal: terminal)
        self.meaning = meaning
        isSecret = false
    }

    /// A setting that may be left out.
    /// - Parameter empty: its value in that case.
    package init(_ name: String, _ form: SettingForm<Value>, empty: Value, meaning: String) {
        self.name = name
        self.form = form
        standard = .nothing(empty, needed: nil)
        self.meaning = meaning
        isSecret = false
    }

    /// A secret, which may also come from the file that `NAME_FILE` names.
    /// - Parameters:
    ///   - empty: its value if it is neither set nor needed.
    ///   - profiles: the profiles that cannot run without it.
    ///   - example: what to set it to, for the message when it is missing.
    package init(
        secret name: String,
        _ form: SettingForm<Value>,
        empty: Value,
        neededBy profiles: Set<Profile>,
        example: String,
        meaning: String
    ) {
        self.name = name
        self.form = form
        standard = .nothing(empty, needed: Need(profiles: profiles, example: example))
        self.meaning = meaning
        isSecret = true
    }

    package var example: String? {
        guard case .nothing(_, let need?) = standard else { return nil }
        return need.example
    }

    package var neededBy: Set<Profile> {
        guard case .nothing(_, let need?) = standard else { return [] }
        return need.profiles
    }

    package func defaultText(_ circumstances: SettingCircumstances) -> String? {
        guard case .text(let text, let dev, let terminal) = standard else { return nil }
        if circumstances.profile == .dev, let dev { return dev }
        if circumstances.logsToTerminal, let terminal { return terminal }
        return text
    }

    package var documentedDefault: String {
        switch standard {
        case .nothing(_, let need): need?.profiles.contains(.serve) == true ? "required" : "empty"
        case .text(let text, _, let terminal?): "`\(terminal)` on a terminal, else `\(text)`"
        case .text(let text, _, nil): "`\(text)`"
        }
    }

    /// The value that an environment gives it, or else its default.
    package func value(
        in variables: EnvironmentVariables,
        _ circumstances: SettingCircumstances = SettingCircumstances()
    ) throws(ConfigurationError) -> Value {
        if let text = try isSecret ? variables.secret(name) : variables.text(name) {
            let isOfFile = isSecret && variables.text(EnvironmentVariables.file(of: name)) != nil
            return try form.parse(text, isOfFile ? EnvironmentVariables.file(of: name) : name)
        }
        // An empty value comes from a template that nobody filled in.
        if form.refusesNothing, variables.isSetToNothing(name) { return try form.parse("", name) }
        switch standard {
        case .nothing(let value, _): return value
        case .text(let text, _, _): return try form.parse(defaultText(circumstances) ?? text, name)
        }
    }

    package func reading(
        of variables: EnvironmentVariables,
        _ circumstances: SettingCircumstances
    ) -> SettingReading {
        let origin = variables.origin(of: name, isSecret: isSecret)
        do {
            let value = try value(in: variables, circumstances)
            let isStandard = origin == .standard
            let shown =
                isSecret
                ? (isStandard ? nil : form.mask(value)) : variables.text(name) ?? defaultText(circumstances)
            return SettingReading(
                setting: self, shown: shown, origin: origin, isSet: !isStandard,
                outcome: .success(SettingValue(value: value)))
        } catch {
            return SettingReading(setting: self, shown: nil, origin: origin, isSet: true, outcome: .failure(error))
        }
    }
}
