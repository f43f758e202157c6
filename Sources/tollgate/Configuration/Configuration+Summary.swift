import Logging
import Stripe

extension Configuration {
    /// What the first line of the log says of how this process runs. Labels, never secrets.
    var summary: Logger.Metadata {
        [
            "mode": "\(mode.rawValue)",
            "grace_period": "\(DurationSetting.text(gracePeriod))",
            "debts": "\(debts.rawValue)",
            "retention": "\(DurationSetting.text(retention))",
            "spool": "\(spoolDirectory.map(FileSystem.absolute) ?? "off")",
            // The names must not hold "secret" or "token": such fields are never shown.
            "webhook_labels": "\(Self.list(webhookSecrets.map(\.label)))",
            "gateway_labels": "\(Self.list(gatewayTokens.map(\.label)))",
            "admin_labels": "\(Self.list(adminTokens.map(\.label)))",
        ]
    }

    /// What has no label is told by its place, as everywhere.
    private static func list(_ labels: [String?]) -> String {
        labels.enumerated().map { $1 ?? "#\($0 + 1)" }.joined(separator: ",")
    }
}
