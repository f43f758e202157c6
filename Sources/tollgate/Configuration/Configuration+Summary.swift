import Logging

extension Configuration {
    /// What the first line of the log says of how this process runs. Labels, never secrets.
    /// - Parameter part: a worker answers no requests: it has no spool and no secrets, whatever is set.
    func summary(of part: ServeCommand.Part?) -> Logger.Metadata {
        var summary: Logger.Metadata = [
            "mode": "\(mode.rawValue)",
            "grace_period": "\(DurationSetting.text(gracePeriod))",
            "debts": "\(debts.rawValue)",
            "retention": "\(DurationSetting.text(retention))",
        ]
        if part == .worker { return summary }
        let ofRequests: Logger.Metadata = [
            "spool": "\(spoolDirectory.map(FileSystem.absolute) ?? "off")",
            // The names must not hold "secret" or "token": such fields are never shown.
            "webhook_labels": "\(Self.list(webhookSecrets.map(\.label)))",
            "gateway_labels": "\(Self.list(gatewayTokens.map(\.label)))",
            "admin_labels": "\(Self.list(adminTokens.map(\.label)))",
        ]
        summary.merge(ofRequests) { $1 }
        return summary
    }

    /// What has no label is told by its place, as everywhere.
    private static func list(_ labels: [String?]) -> String {
        labels.enumerated().map { $1 ?? "#\($0 + 1)" }.joined(separator: ",")
    }
}
