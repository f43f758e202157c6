// SPDX-License-Identifier: Apache-2.0

import Hashing
import Metering
import Notation

/// A report as it came, with what tells it from another one.
package struct ReportedUsage: Sendable {
    package let report: UsageReport
    let json: JSON
    /// SHA-256 of it.
    let digest: [UInt8]
    /// Who had it tried again; nil for a gateway.
    let replayer: String?

    /// - Returns: nil if OpenSSL has no digest for it.
    package init?(_ report: UsageReport, replayedBy replayer: String? = nil) {
        let json = report.json
        guard let digest = SHA256Digest(of: json.bytes.span) else { return nil }
        self.report = report
        self.json = json
        self.digest = digest.array
        self.replayer = replayer
    }

    /// Where it waits: behind those of the same customer, as far as that is known.
    var line: String { report.customer ?? report.key ?? "" }
}
