import Billing

extension Cause {
    /// The column `cause`.
    var kind: String {
        switch self {
        case .event: "event"
        case .operator: "operator"
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

    var note: String? {
        if case .operator(_, let note) = self { note } else { nil }
    }
}
