// SPDX-License-Identifier: Apache-2.0

import Metering
import Store

/// What statements say of calls, whatever their form.
enum UsageText {
    static func words(_ line: UsageLine) -> String {
        if let call = line.corrects { return UsageWords.correction(of: call) }
        return UsageWords.call(line.pools, status: line.status, bill: line.bill, charge: line.charge)
            + (line.isBatch ? "; in a batch" : "")
    }

    static func words(_ statement: UsageStatement) -> String {
        let used = UsageWords.used(statement.pools)
        return used.isEmpty ? "nothing was used" : used
    }

    static func quantities(_ pools: [Pool: Int64]) -> [String: Int64] {
        Dictionary(pools.map { ($0.key.name, $0.value) }) { first, _ in first }
    }
}
