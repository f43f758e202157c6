// SPDX-License-Identifier: Apache-2.0

/// How a transaction sees what others commit in the meantime.
package enum TransactionMode: Sendable {
    /// Each statement sees what was committed before it.
    case standard
    /// All statements see one moment, and none writes.
    case snapshot

    var begin: SQL {
        switch self {
        case .standard: "BEGIN"
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        }
    }
}
