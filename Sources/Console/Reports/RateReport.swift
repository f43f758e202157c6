// SPDX-License-Identifier: Apache-2.0

import API
import Notation

/// Rates and their drafts as an operator reads them.
enum RateReport {
    /// More would hide the rest.
    private static let shownSkips = 20

    static func list(_ versions: [Object<RatesAPI.Version>], _ terminal: Terminal) -> [String] {
        if versions.isEmpty { return ["no rates: nothing has a price; see tollgate rates drafts"] }
        var table = TextTable(
            "PROVIDER", "MODEL", "SINCE", "INPUT", "OUTPUT", "WRITE 5M", "WRITE 1H", "READ", "SEARCH", "OTHER",
            "VERSION")
        for version in versions {
            let rate = version.rate
            table.add(
                rate["provider"]?.string, rate["model"]?.string, rate["effective_at"]?.string, text(rate["input"]),
                text(rate["output"]), text(rate["cache_write_5m"]), text(rate["cache_write_1h"]),
                text(rate["cache_read"]), text(rate["web_search"]), others(rate), version.id)
        }
        return table.lines(terminal)
    }

    static func drafts(_ drafts: [Object<RatesAPI.Summary>], _ terminal: Terminal) -> [String] {
        var table = TextTable("DRAFT", "STATUS", "RATES", "BY", "AT", "APPROVED BY", "APPROVED AT")
        for draft in drafts {
            table.add(
                draft.id, draft.status.rawValue, "\(draft.count)", draft.operator, Field.second(draft.createdAt),
                draft.approvedBy, draft.approvedAt.map(Field.second))
        }
        return table.isEmpty ? ["no drafts"] : table.lines(terminal)
    }

    static func draft(_ draft: Object<RatesAPI.Draft>, _ terminal: Terminal) -> [String] {
        let models = Set(draft.changes.map { "\($0.provider)/\($0.model)" }).count
        return ["draft \(draft.id): \(draft.rates.count) rates, which change \(models) models"]
            + (draft.findings.isEmpty ? [] : findings(draft.findings, terminal))
            + ["see: tollgate rates diff \(draft.id); then: tollgate rates approve \(draft.id)"]
    }

    static func findings(_ findings: [Object<RatesAPI.Finding>], _ terminal: Terminal) -> [String] {
        if findings.isEmpty { return ["nothing to point out"] }
        var table = TextTable("PROVIDER", "MODEL", "POOL", "TIER", "FINDING")
        for finding in findings {
            table.add(
                finding.provider, finding.model, finding.pool, finding.tierAbove.map { "above \($0)" }, finding.words)
        }
        return table.lines(terminal)
    }

    static func changes(_ changes: [Object<RatesAPI.Change>], _ terminal: Terminal) -> [String] {
        if changes.isEmpty { return ["nothing would change"] }
        var table = TextTable("PROVIDER", "MODEL", "FROM", "FIELD", "BEFORE", "AFTER")
        for change in changes {
            table.add(
                change.provider, change.model, Field.second(change.effectiveAt), change.field,
                text(change.before) ?? "none", text(change.after) ?? "none")
        }
        return table.lines(terminal)
    }

    static func approval(_ answer: Object<RatesAPI.Approval>) -> [String] {
        let known = answer.count - answer.added
        return [
            "\(answer.id) is approved: \(answer.added) new rates"
                + (known > 0 ? ", \(known) were in the book already" : "")
        ]
    }

    /// What an import has left out, for standard error.
    static func skipped(_ skipped: [FieldError]) -> [String] {
        guard !skipped.isEmpty else { return [] }
        let more = skipped.count - shownSkips
        return ["left out: \(skipped.count)"] + skipped.prefix(shownSkips).map { "  \(TerminalSafe.text("\($0)"))" }
            + (more > 0 ? ["  and \(more) more"] : [])
    }

    private static func others(_ rate: JSON) -> String {
        let fixed: Set<String> = [
            "provider", "model", "effective_at", "input", "output", "cache_write_5m", "cache_write_1h", "cache_read",
            "web_search",
        ]
        return (rate.object ?? [:]).filter { !fixed.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key) \(text($0.value) ?? "")" }.joined(separator: ", ")
    }

    private static func text(_ json: JSON?) -> String? {
        switch json {
        case nil, .null: nil
        case .string(let text): text
        case .some(let json): String(decoding: json.bytes, as: UTF8.self)
        }
    }
}
