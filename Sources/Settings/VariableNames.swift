// SPDX-License-Identifier: Apache-2.0

/// Finds variables that look like settings but are not: a misspelt one would be silently ignored, and the default used
/// instead.
///
/// A company's own variable must not stop a payment service. So only names that begin with `TOLLGATE_` are all ours;
/// any other is a fault only if it is within two letters of a setting that is not itself set.
package struct VariableNames {
    private static let prefix = "TOLLGATE_"

    /// For the settings in the table.
    package static let ofSettings = VariableNames(settings: Set(SettingTable.all.flatMap(\.names)))

    /// Used by our own scripts: a Tollgate developer may have them set.
    private static let ofScripts: Set = [
        "TOLLGATE_BIN", "TOLLGATE_COMMIT", "TOLLGATE_EVENT_CORPUS", "TOLLGATE_FAULTS", "TOLLGATE_FAULT_REPORT",
        "TOLLGATE_FIELD_REPORTS", "TOLLGATE_HISTORIES", "TOLLGATE_HISTORY_SEED", "TOLLGATE_SANITIZER",
        "TOLLGATE_SERVER_HISTORIES", "TOLLGATE_TEST_BINARY", "TOLLGATE_TEST_DATABASE_URL",
    ]

    /// What other servers' settings of this kind are called.
    private static let meantForListeners: Set = [
        "TOLLGATE_ADDRESS", "TOLLGATE_ADDR", "TOLLGATE_BIND", "TOLLGATE_HOST", "TOLLGATE_LISTEN", "TOLLGATE_PORT",
    ]

    private let settings: Set<String>
    private let known: Set<String>

    /// - Parameter settings: the names of all settings.
    init(settings: Set<String>) {
        self.settings = settings
        known = settings.union(Self.ofScripts)
    }

    /// - Parameter read: the settings that the command reads, if not all: what resembles another one, and does not begin
    ///   with `TOLLGATE_`, is no matter then.
    /// - Returns: one error that names all of them; nil if there is nothing to fix.
    package func fault(in environment: [String: String], for read: [any AnySetting]? = nil) -> ConfigurationError? {
        let read = read.map { Set($0.flatMap(\.names)) } ?? settings
        let faults = environment.keys.sorted().compactMap { name in
            fault(name, environment, read).map { (name, $0) }
        }
        guard let (first, reason) = faults.first else { return nil }
        let others = faults.dropFirst().map { "\($0) \($1)" }
        return ConfigurationError(variable: first, reason: ([reason] + others).joined(separator: "; "))
    }

    private func fault(_ name: String, _ environment: [String: String], _ read: Set<String>) -> String? {
        guard !known.contains(name), !isOfServiceLink(name, environment[name] ?? "") else { return nil }
        if name.hasPrefix(Self.prefix) {
            if Self.meantForListeners.contains(name) {
                return """
                    is not a Tollgate setting; give TOLLGATE_PUBLIC_ADDRESS or TOLLGATE_PRIVATE_ADDRESS, else unset it
                    """
            }
            // A short name is close to many.
            let letters = name.utf8.count - Self.prefix.utf8.count
            guard let nearest = nearest(to: name, within: min(4, (letters + 1) / 2)) else {
                return "is not a Tollgate setting; unset it (docs/configuration.md lists all settings)"
            }
            return "is not a Tollgate setting; \(Self.advice(nearest))"
        }
        guard let nearest = nearest(to: name, within: 2), read.contains(nearest) else { return nil }
        // If the setting it resembles is set, this one is another program's, unless it can only be meant for Tollgate.
        guard environment[nearest] == nil || nearest.hasPrefix(Self.prefix) else { return nil }
        return "looks like a misspelt setting; \(Self.advice(nearest))"
    }

    private static func advice(_ nearest: String) -> String { "did you mean \(nearest)? Else unset it" }

    /// The setting with the closest name, counting letters to insert, remove or replace.
    private func nearest(to name: String, within limit: Int) -> String? {
        Spelling.nearest(to: name.uppercased().replacing("-", with: "_"), of: settings, within: limit)
    }

    /// Kubernetes sets variables for every service in a namespace, and one of ours is likely to be named `tollgate`:
    /// `TOLLGATE_SERVICE_HOST`, `TOLLGATE_PORT=tcp://…`, `TOLLGATE_PRIVATE_PORT_8081_TCP_ADDR`.
    private func isOfServiceLink(_ name: String, _ value: String) -> Bool {
        guard name.hasPrefix(Self.prefix) else { return false }
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        if name.hasSuffix("_PORT"), ["tcp://", "udp://", "sctp://"].contains(where: value.hasPrefix) { return true }
        for index in words.indices.dropFirst() {
            let next = index + 1 < words.count ? words[index + 1] : ""
            if words[index] == "SERVICE", next == "HOST" || next == "PORT" { return true }
            let isNumber = !next.isEmpty && next.allSatisfy { $0.isASCII && $0.isNumber }
            if words[index] == "PORT", isNumber, index + 2 < words.count,
                ["TCP", "UDP", "SCTP"].contains(words[index + 2])
            {
                return true
            }
        }
        return false
    }
}
