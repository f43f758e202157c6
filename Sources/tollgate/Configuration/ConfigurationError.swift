/// One setting that is missing or wrong. The process that meets it ends with code 78 before any port opens.
struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment variable to correct.
    let variable: String

    /// What is wrong and what to write instead; never the value of a secret.
    let reason: String

    /// One line: `TOLLGATE_GRACE_PERIOD: …`.
    var description: String { "\(variable): \(reason)" }
}
