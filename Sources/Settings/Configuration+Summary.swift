// SPDX-License-Identifier: Apache-2.0

import Logging

extension Configuration {
    /// What the first line of the log says about how this process runs. Labels, never secrets. A pure worker answers no
    /// requests: it has no spool and no secrets, whatever is set.
    package var summary: Logger.Metadata {
        var summary: Logger.Metadata = [
            "mode": "\(self.mode.rawValue)",
            "grace_period": "\(DurationSetting.text(self.gracePeriod))",
            "debts": "\(self.debts.rawValue)",
            "retention": "\(DurationSetting.text(self.retention))",
            "reconcile": "\(self.apiKey == nil ? "no key" : self.reconciliation.map(DurationSetting.text) ?? "off")",
        ]
        if profile == .serveWorkerOnly { return summary }
        let ofRequests: Logger.Metadata = [
            "spool": "\(self.spoolDirectory.map(AbsolutePath.of) ?? "off")",
            // The names must not contain "secret" or "token": such fields are never shown.
            "webhook_labels": "\(Self.list(self.webhookSecrets.map(\.label)))",
            "gateway_labels": "\(Self.list(self.gatewayTokens.map(\.label)))",
            "admin_labels": "\(Self.list(self.adminTokens.map(\.label)))",
        ]
        summary.merge(ofRequests) { $1 }
        return summary
    }

    /// An entry without a label is identified by its position, as everywhere.
    private static func list(_ labels: [String?]) -> String {
        labels.enumerated().map { $1 ?? "#\($0 + 1)" }.joined(separator: ",")
    }
}
