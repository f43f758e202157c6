// SPDX-License-Identifier: Apache-2.0

/// Versions of Stripe's API in which events are rendered differently.
enum APIVersion: String, CaseIterable, Comparable {
    case oldest = "2016-07-06"
    case intents = "2020-08-27"
    case latestCharge = "2022-11-15"
    case acacia = "2024-10-28.acacia"
    case basil = "2025-05-28.basil"
    case endive = "2026-10-28.endive"

    /// These names sort by time.
    static func < (lhs: APIVersion, rhs: APIVersion) -> Bool { lhs.rawValue < rhs.rawValue }

    var hasPaymentIntents: Bool { self >= .intents }
    var embedsCharges: Bool { self < .latestCharge }
    var hasRefundEvents: Bool { self >= .acacia }
    var hasParents: Bool { self >= .basil }
}
