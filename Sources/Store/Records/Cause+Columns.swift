// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// How the cause of a change is stored in the columns `cause`, `event_id`, `operator`,
/// `hold_id`, `debit_id`, `usage_id` and `note`.
extension Cause {
    /// The column `cause`.
    var kind: String {
        switch self {
        case .event: "event"
        case .operator: "operator"
        case .hold: "hold"
        case .debit: "debit"
        case .usage: "usage"
        case .time: "time"
        case .configuration: "configuration"
        }
    }

    var event: String? {
        if case .event(let id) = self { id } else { nil }
    }

    var `operator`: String? {
        if case .operator(let name, _) = self { name } else { nil }
    }

    var hold: String? {
        if case .hold(let id) = self { id } else { nil }
    }

    var debit: String? {
        if case .debit(let id) = self { id } else { nil }
    }

    var usage: String? {
        if case .usage(let id) = self { id } else { nil }
    }

    var note: String? {
        if case .operator(_, let note) = self { note } else { nil }
    }

    /// - Throws: `StoreError` or `PostgresError` if the row does not say who caused it.
    init(kind: String, _ row: Rows.Row) throws {
        switch kind {
        case "event": self = .event(try row["event_id"])
        case "operator": self = .operator(try row["operator"], note: try row["note"])
        case "hold": self = .hold(try row["hold_id"])
        case "debit": self = .debit(try row["debit_id"])
        case "usage": self = .usage(try row["usage_id"])
        case "time": self = .time
        case "configuration": self = .configuration
        default: throw StoreError.unknownValue("cause")
        }
    }
}
