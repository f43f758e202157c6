// SPDX-License-Identifier: Apache-2.0

/// The settings that a command needs and that are not set: all of them in one line, so that nobody has to start five
/// times to learn of four.
enum MissingSettings {
    static func error(_ missing: [any AnySetting]) -> ConfigurationError? {
        guard let first = missing.first else { return nil }
        let others = missing.dropFirst()
        guard !others.isEmpty else {
            let reason = "is not set; set it, or \(first.name)_FILE, to \(first.example ?? "a value")"
            return ConfigurationError(variable: first.name, reason: reason)
        }
        let names = others.map(\.name).joined(separator: ", ")
        let examples = missing.map { "\($0.name) to \($0.example ?? "a value")" }.joined(separator: "; ")
        return ConfigurationError(
            variable: first.name, reason: "is not set, nor is \(names); set each, or its NAME_FILE: \(examples)")
    }
}
