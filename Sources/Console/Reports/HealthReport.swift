// SPDX-License-Identifier: Apache-2.0

import API
import Notation

/// Why a Tollgate is not ready, from its `/readyz`.
enum HealthReport {
    /// `unready: postgresql down (unreachable: nothing answers …), spool off`
    /// - Returns: nil if the body is not Tollgate's answer.
    static func fault(_ body: String) -> String? {
        guard let json = try? JSON(bytes: Array(body.utf8)), let ready = try? Object<HealthAPI.Ready>(reading: json)
        else { return nil }  // a proxy's page
        let database = [ready.postgresql.cause, ready.postgresql.detail].compactMap(\.self).joined(separator: ": ")
        let parts = [
            part("postgresql", ready.postgresql.state, database),
            ready.spool.map { part("spool", $0.state, "") },
            ready.processing.map { part("processing", $0.state, $0.cause ?? "") },
        ]
        return "\(ready.status): \(parts.compactMap(\.self).joined(separator: ", "))"
    }

    private static func part(_ name: String, _ state: String, _ reason: String) -> String {
        "\(name) \(state)" + (reason.isEmpty ? "" : " (\(reason))")
    }
}
