// SPDX-License-Identifier: Apache-2.0

import Notation

/// One thing that was looked at on Stripe's side.
package struct DoctorCheck: Sendable, Hashable {
    /// Names are stable: programs read them.
    package enum Name: Sendable, Hashable {
        case stripe, key, mode, accounts
        case permission(StripePermission)
        case endpoint, endpointEnabled, endpointEvents, endpointVersion, endpointMove, endpointConnect, secrets
        case clock, database, databaseClock, deliveries, missed, ping

        package var text: String {
            switch self {
            case .permission(let permission): "permission_\(permission.name)"
            case .endpointEnabled: "endpoint_enabled"
            case .endpointEvents: "endpoint_events"
            case .endpointVersion: "endpoint_version"
            case .endpointMove: "endpoint_move"
            case .endpointConnect: "endpoint_connect"
            case .databaseClock: "database_clock"
            case .stripe, .key, .mode, .accounts, .endpoint, .secrets, .clock, .database, .deliveries, .missed, .ping:
                "\(self)"
            }
        }
    }

    package let name: Name
    /// Nil if it could not be checked, or need not be.
    package let isOK: Bool?
    package let detail: String
    /// Why it was not checked; nil if it was.
    package let reason: String?
    /// What to do; also where it is no fault.
    package let advice: String?

    package static func good(_ name: Name, _ detail: String, advice: String? = nil) -> DoctorCheck {
        DoctorCheck(name: name, isOK: true, detail: detail, reason: nil, advice: advice)
    }

    package static func fault(_ name: Name, _ detail: String, advice: String) -> DoctorCheck {
        DoctorCheck(name: name, isOK: false, detail: detail, reason: nil, advice: advice)
    }

    package static func unchecked(_ name: Name, _ reason: String, advice: String? = nil) -> DoctorCheck {
        DoctorCheck(name: name, isOK: nil, detail: "not checked: \(reason)", reason: reason, advice: advice)
    }

    package var json: JSON {
        [
            "name": .string(name.text), "ok": isOK.map(JSON.bool) ?? .null, "detail": .string(detail),
            "advice": advice.map(JSON.string) ?? .null,
        ]
    }
}
