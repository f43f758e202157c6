// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import StripeSetup

/// The checks, for people and for programs.
enum DoctorReport {
    static func lines(_ checks: [DoctorCheck], _ terminal: Terminal) -> [String] {
        var reasons: [String] = []
        var names: [String: [String]] = [:]
        for check in checks {
            guard let reason = check.reason, check.advice == nil else { continue }
            if names[reason] == nil { reasons.append(reason) }
            names[reason, default: []].append(check.name.text)
        }
        // What nobody can do anything about one by one is told once.
        let shared = reasons.filter { names[$0, default: []].count > 1 }
        let single = checks.filter { check in
            guard let reason = check.reason, check.advice == nil else { return true }
            return !shared.contains(reason)
        }
        let width = single.map(\.name.text.count).max() ?? 0
        // The link is long, and the same wherever it is.
        let link = StripePermission.link
        let end = single.contains { $0.advice?.contains(link) == true } ? ["the link: \(link)"] : []
        let lines = single.map { check in
            let name = check.name.text + String(repeating: " ", count: width - check.name.text.count)
            let advice = check.advice.map { " → \($0.replacing(link, with: "see the link below"))" } ?? ""
            return "\(mark(check.isOK, terminal))  \(name)  \(TerminalSafe.text(check.detail + advice))"
        }
        let rest = shared.map { reason in
            let words = "not checked: \(reason): \(names[reason, default: []].joined(separator: ", "))"
            return "\(mark(nil, terminal))  \(TerminalSafe.text(words))"
        }
        return lines + rest + end + [summary(checks)]
    }

    /// `no fault; 6 not checked (?): DATABASE_URL is not set (5), …`
    private static func summary(_ checks: [DoctorCheck]) -> String {
        let faults = checks.filter { $0.isOK == false }.count
        let found: String
        switch faults {
        case 0: found = "no fault"
        case 1: found = "1 fault"
        default: found = "\(faults) faults"
        }
        let reasons = checks.compactMap(\.reason)
        if reasons.isEmpty { return found }
        var counts: [String: Int] = [:]
        for reason in reasons { counts[reason, default: 0] += 1 }
        let sorted = counts.sorted { one, other in
            if one.value != other.value { return one.value > other.value }
            return one.key < other.key
        }
        let words = sorted.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        return TerminalSafe.text("\(found); \(reasons.count) not checked (?): \(words)")
    }

    private static func mark(_ isOK: Bool?, _ terminal: Terminal) -> String {
        switch isOK {
        case true?: terminal.green("ok   ")
        case false?: terminal.red("FAULT")
        case nil: terminal.yellow("?    ")
        }
    }

    static func document(_ checks: [DoctorCheck]) -> JSON { ["checks": .array(checks.map(\.json))] }
}
