// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import StripeSetup

/// The checks, for people and for programs.
enum DoctorReport {
    static func lines(_ checks: [DoctorCheck], _ terminal: Terminal) -> [String] {
        let width = checks.map(\.name.text.count).max() ?? 0
        return checks.map { check in
            let name = check.name.text + String(repeating: " ", count: width - check.name.text.count)
            let advice = check.advice.map { " → \($0)" } ?? ""
            return "\(mark(check, terminal))  \(name)  \(TerminalSafe.text(check.detail + advice))"
        }
    }

    private static func mark(_ check: DoctorCheck, _ terminal: Terminal) -> String {
        switch check.isOK {
        case true?: terminal.green("ok   ")
        case false?: terminal.red("FAULT")
        case nil: terminal.yellow("?    ")
        }
    }

    static func document(_ checks: [DoctorCheck]) -> JSON { ["checks": .array(checks.map(\.json))] }
}
