// SPDX-License-Identifier: Apache-2.0

/// What the lines of a statement come to. What was carried before them and what was charged to credits is what the
/// credits were worth and what is carried after them, to the last digit.
package struct StatementSums: Hashable, Sendable {
    package private(set) var records: Int64 = 0
    /// How many of them failed or were refused, and were free.
    package private(set) var free: Int64 = 0
    package private(set) var credits: Int64 = 0
    /// What these credits were worth when they were taken.
    package private(set) var creditsWorth = Dollars.zero
    private var charges: [Plan.Bill: Dollars] = [:]

    package init() {}

    /// What was charged to credits, to meters, or to nothing.
    package func charge(to bill: Plan.Bill) -> Dollars { charges[bill] ?? .zero }

    /// - Parameters:
    ///   - worth: what the credits were worth.
    ///   - isCorrection: whether it is the difference that another price made to a call.
    package mutating func add(
        charge: Dollars, to bill: Plan.Bill, credits: Int64, worth: Dollars, status: UsageRecord.Status,
        isCorrection: Bool = false
    ) throws(DollarOverflow) {
        if !isCorrection {
            records += 1
            if charge == .zero, status == .failed || status == .refused { free += 1 }
        }
        charges[bill] = try self.charge(to: bill) + charge
        self.credits = try DollarOverflow.check(self.credits.addingReportingOverflow(credits))
        creditsWorth = try creditsWorth + worth
    }
}
