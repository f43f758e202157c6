// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a subscription's events say about its status: all facts of the newest second. Their times do not show which of
/// two came later within a second, and naming the previous status is not transitive (`past_due` after `active`,
/// `unpaid` after `past_due`, `active` after `unpaid`), so the set is kept and the answer chosen from it.
package struct StatusHistory: Sendable, Hashable {
    /// One event's report: the subscription's state, and what of it the event says was different before.
    package struct Report: Sendable, Hashable {
        package let status: SubscriptionStatus
        package let previous: SubscriptionStatus?
        package let suspension: Suspension?
        /// Nil if the event does not say.
        package let wasSuspended: Bool?

        package init(
            _ status: SubscriptionStatus,
            previous: SubscriptionStatus? = nil,
            suspension: Suspension? = nil,
            wasSuspended: Bool? = nil
        ) {
            self.status = status
            self.previous = previous
            self.suspension = suspension
            self.wasSuspended = wasSuspended
        }
    }

    /// Stripe is voiding the subscription's invoices (`pause_collection` with `void`): no service is given meanwhile.
    package struct Suspension: Sendable, Hashable {
        /// When it ends by itself; nil for never.
        package let resumesAt: Timestamp?

        package init(resumesAt: Timestamp? = nil) {
            self.resumesAt = resumesAt
        }
    }

    /// When the newest reports were made; a whole second.
    package private(set) var second: Timestamp
    /// Never empty.
    package private(set) var reports: Set<Report>
    /// The final status, whenever it was reported.
    package private(set) var end: SubscriptionStatus?
    /// When it ended, if anything says.
    package private(set) var endedAt: Timestamp?
    /// Stripe ended it because an invoice stayed unpaid.
    package private(set) var endedUnpaid: Bool

    package init(_ report: Report, at second: Timestamp, endedAt: Timestamp? = nil, endedUnpaid: Bool = false) {
        self.init(
            second: second, reports: [report], end: report.status.isFinal ? report.status : nil,
            endedAt: report.status.isFinal ? lesser(second, endedAt) : nil, endedUnpaid: endedUnpaid)
    }

    package init(
        second: Timestamp,
        reports: Set<Report>,
        end: SubscriptionStatus?,
        endedAt: Timestamp? = nil,
        endedUnpaid: Bool
    ) {
        self.second = second
        self.reports = reports
        self.end = end
        self.endedAt = endedAt
        self.endedUnpaid = endedUnpaid
    }

    package mutating func merge(_ other: StatusHistory) {
        if other.second > second {
            (second, reports) = (other.second, other.reports)
        } else if other.second == second {
            reports.formUnion(other.reports)
        }
        end = greater(end, other.end)
        endedAt = lesser(endedAt, other.endedAt)
        endedUnpaid = endedUnpaid || other.endedUnpaid
    }

    package var status: SubscriptionStatus {
        if let end { return end }
        let last = reports.filter { report in
            !reports.contains { $0.status != report.status && $0.previous == report.status }
        }
        // If each is named by another, there is no last one: all of them count.
        return (last.isEmpty ? reports : last).map(\.status).max() ?? .incomplete
    }

    /// Whether Stripe is voiding its invoices: of several reports in one second, the last; if it is unclear which that
    /// is, the one that denies nobody.
    package var suspension: Suspension? {
        let last = reports.filter { report in
            !reports.contains {
                ($0.suspension == nil) != (report.suspension == nil) && $0.wasSuspended == (report.suspension != nil)
            }
        }
        let standing = (last.isEmpty ? reports : last).map(\.suspension)
        guard !standing.contains(nil) else { return nil }
        return Suspension(resumesAt: standing.reduce(nil) { lesser($0, $1?.resumesAt) })
    }
}
