// SPDX-License-Identifier: Apache-2.0

import Notation

extension UsageAccount {
    /// Posts what a call costs more or less by the rates as they are known now. It is charged by the plan of then, after all
    /// that its month has come to.
    /// - Returns: nil if it costs the same.
    /// - Throws: `UsageFault` if it can no longer be priced, or the difference cannot be counted; then nothing has changed.
    package mutating func correct(
        _ call: ChargedCall, by rates: RateBook, creditValue: CreditValue
    ) throws(UsageFault) -> UsageCorrection? {
        // What was free because it failed stays so.
        let reading = try call.call.read(failedCalls: call.isPriced ? .input : .none)
        let priced = try rates.price(reading, provider: call.call.provider, at: call.at)
        var difference = priced
        difference.cost = try UsageFault.counting { () throws(DollarOverflow) in try priced.cost - call.cost }
        guard difference.cost != .zero else { return nil }
        return try post(difference, of: call, creditValue: creditValue)
    }
}
