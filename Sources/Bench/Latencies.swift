// SPDX-License-Identifier: Apache-2.0

/// How long answers took.
struct Latencies: Sendable {
    /// In no particular order.
    private var microseconds: [UInt32] = []

    var count: Int { microseconds.count }

    mutating func add(microseconds: Int64) {
        self.microseconds.append(UInt32(clamping: microseconds))
    }

    /// What these shares of all answers stayed within, in milliseconds; nil without any answers.
    /// - Parameter shares: from 0 to 1.
    func milliseconds(_ shares: [Double]) -> [Double?] {
        let sorted = microseconds.sorted()
        return shares.map { share in
            sorted.isEmpty ? nil : Double(sorted[Int(Double(sorted.count - 1) * share)]) / 1_000
        }
    }
}
