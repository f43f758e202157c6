// SPDX-License-Identifier: Apache-2.0

/// Words in the order of their declaration: if two disagree, the later one counts.
package protocol Ranked: Comparable, CaseIterable {}

extension Ranked {
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        var rank = 0
        for word in Self.allCases {
            if word == self { return rank }
            rank += 1
        }
        preconditionFailure("every case is one of all cases")
    }
}
