// SPDX-License-Identifier: Apache-2.0

import API
import FoundationEssentials
import HTTPTypes
import Hashing
import Metering
import Notation
import Store

/// A statement as a page that a customer reads or prints. It loads nothing and runs nothing.
struct StatementPage: StatementForm {
    private static let style: HTMLText = """
        body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff;max-width:70rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.4rem;margin:0}p,dl{margin:.5rem 0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
        dd{margin:0}table{border-collapse:collapse;width:100%;margin:1rem 0}thead{display:table-header-group}
        th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #ccc}
        th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}small{color:#555;overflow-wrap:anywhere}
        tr{break-inside:avoid}@media print{body{margin:0;max-width:none;font-size:10px}}
        """

    /// Only this style sheet counts, and nothing else of the page does anything.
    private static let policy: String = {
        let digest = SHA256Digest(of: Array(style.text.utf8).span)?.array ?? []
        let hash = Data(digest).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }()

    let headers: HTTPFields = {
        var headers: HTTPFields = [
            .contentType: "\(StatementsAPI.MediaType.html.rawValue); charset=utf-8",
            .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return headers
    }()

    func begin(_ statement: UsageStatement, _ bytes: inout [UInt8]) {
        let (customer, month) = (statement.customer, statement.month.name)
        append(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(month): statement of \(customer)</title><style>\(Self.style)</style></head><body>
            <h1>Statement of \(month)</h1>
            <p>Customer \(customer). All times are in UTC; all amounts are US dollars, exact to the last digit.</p>
            <dl>
            <dt>Calls</dt><dd>\(statement.records)</dd>
            <dt>In words</dt><dd>\(UsageText.words(statement))
            <small>(a page is taken as \(UsageWords.tokensPerPage) tokens)</small></dd>
            <dt>Charged</dt><dd>$\(statement.total)</dd>
            <dt>Credits taken</dt><dd>\(statement.credits)</dd>
            <dt>Carried over</dt><dd>$\(statement.opening) from the months before, $\(statement.closing) to the next one:
            only whole credits are taken, and what is less than one waits for the next charge</dd>
            </dl>
            <table><thead><tr><th>Call</th><th>What it was</th><th>Tokens and units</th><th class="n">Charge</th>
            <th class="n">Credits</th></tr></thead><tbody>

            """, to: &bytes)
    }

    func append(_ line: UsageLine, _ bytes: inout [UInt8]) {
        append(
            """
            <tr><td>\(line.at)<br><small>\(line.id)</small></td>
            <td>\(line.model) <small>(\(line.provider))</small><br>\(UsageText.words(line))</td>
            <td>\(Self.quantities(line.pools))</td><td class="n">$\(line.charge)</td><td class="n">\(line.credits)</td></tr>

            """, to: &bytes)
    }

    func end(_ statement: UsageStatement, _ sums: StatementSums, _ bytes: inout [UInt8]) {
        append(
            """
            </tbody><tfoot><tr><th>Total</th><th>\(sums.records) calls\(Self.free(sums.free))</th>
            <th>\(Self.quantities(statement.pools))</th><th class="n">$\(statement.total)</th>
            <th class="n">\(sums.credits)</th></tr></tfoot></table>
            <p>How it adds up: $\(statement.opening) carried over + $\(sums.charge(to: .credits)) charged to credits =
            $\(sums.creditsWorth), which \(sums.credits) credits were worth, + $\(statement.closing) carried over.</p>
            \(Self.others(sums))</body></html>

            """, to: &bytes)
    }

    private static func free(_ count: Int64) -> HTMLText {
        switch count {
        case 0: ""
        case 1: ", of which 1 failed or was refused, and was free"
        default: ", of which \(count) failed or were refused, and were free"
        }
    }

    /// What no credits were taken for.
    private static func others(_ sums: StatementSums) -> HTMLText {
        let (meter, none) = (sums.charge(to: .meter), sums.charge(to: .none))
        guard meter > .zero || none > .zero else { return "" }
        return "<p>Besides: $\(meter) by invoice, $\(none) not billed.</p>\n"
    }

    private static func quantities(_ pools: [Pool: Int64]) -> HTMLText {
        pools.sorted { $0.key < $1.key }.reduce("") { list, quantity in
            "\(list)\(label(quantity.key)) \(quantity.value)<br>"
        }
    }

    /// What it is to whoever pays for it.
    private static func label(_ pool: Pool) -> String {
        switch pool {
        case .input: "read"
        case .output: "written"
        case .cacheWrite5m: "put into the cache for 5 minutes"
        case .cacheWrite1h: "put into the cache for 1 hour"
        case .cacheRead: "read from the cache"
        case .webSearch: "web searches"
        case .unit(let name): name
        }
    }

    private func append(_ markup: HTMLText, to bytes: inout [UInt8]) { bytes += Array(markup.text.utf8) }
}
