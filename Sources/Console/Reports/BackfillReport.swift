// SPDX-License-Identifier: Apache-2.0

import API

/// A backfill as an operator reads it.
package enum BackfillReport {
    /// `[#######-------]  50%  acct_1  1200 listed, 30 taken in`; one that another process does has its id in place of the bar.
    /// - Parameter share: how far it is; nil if another process does it, which alone knows.
    package static func progress(
        _ backfill: Object<BackfillsAPI.Backfill>, account: String?, share: Double?
    ) -> String {
        let first = share.map(ProgressBar.text) ?? TerminalSafe.text(backfill.id)
        return [first, account.map(TerminalSafe.text), counts(backfill)].compactMap(\.self).joined(separator: "  ")
    }

    /// Once it is over.
    package static func end(_ backfill: Object<BackfillsAPI.Backfill>, _ terminal: Terminal) -> [String] {
        var lines = ["\(TerminalSafe.text(backfill.id)): \(backfill.status.rawValue)  \(counts(backfill))"]
        if let error = backfill.error { lines.append("  " + TerminalSafe.text(error)) }
        let missing = backfill.types.filter { $0.missing > 0 }
        guard !missing.isEmpty else { return lines }
        var table = TextTable("TYPE", "LISTED", backfill.dryRun ? "MISSING" : "TAKEN IN")
        for count in missing {
            table.add(count.type, Field.text(count.listed), Field.text(count.missing))
        }
        let rest = backfill.types.filter { $0.missing == 0 }
        if !rest.isEmpty {
            table.add("\(rest.count) types more", Field.text(rest.map(\.listed).reduce(0, +)), Field.text(0))
        }
        let end = backfill.dryRun ? ["", "nothing was taken in: that takes the same without --dry-run"] : []
        return lines + [""] + table.lines(terminal) + end
    }

    private static func counts(_ backfill: Object<BackfillsAPI.Backfill>) -> String {
        let missing = backfill.dryRun ? backfill.listed - backfill.known : backfill.stored
        return "\(backfill.listed) listed, \(missing) \(backfill.dryRun ? "missing" : "taken in")"
    }
}
