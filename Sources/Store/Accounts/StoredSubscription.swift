// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How a subscription is stored in its table: the reports of its newest second in one column, with its status derived
/// from them; its payments in another, with their reach derived from them.
struct StoredSubscription {
    static let columns: SQL = """
        customer_id, id, status, reported_at, reports, is_ended_unpaid, ended_at, paid, paid_through, payments, period_end,
        suspended_period_end, voided_through, prices
        """

    let customer: String
    let subscription: Subscription

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        subscription = Subscription(
            id: try row["id"],
            history: try Self.history(row),
            payments: try Self.payments(row["payments"], paid: row["paid"], through: row["paid_through"]),
            periodEnd: try row["period_end"],
            suspendedPeriodEnd: try row["suspended_period_end"],
            voidedThrough: try row["voided_through"],
            prices: try Self.prices(row["prices"])
        )
    }

    init(of customer: String, _ subscription: Subscription) {
        self.customer = customer
        self.subscription = subscription
    }

    static let rows = Unnest<StoredSubscription> {
        Column.key("customer_id", \.customer)
        Column.key("id", \.subscription.id)
        Column("status", \.subscription.status?.rawValue)
        Column("reported_at", \.subscription.history?.second)
        Column("reports") { $0.subscription.history.map { encode($0.reports) } }
        Column("is_ended_unpaid", \.subscription.history?.endedUnpaid)
        Column("ended_at", \.subscription.history?.endedAt)
        Column("paid") { !$0.subscription.payments.isEmpty }
        Column("paid_through", \.subscription.payments.coverage?.end)
        Column("payments") { encode($0.subscription.payments) }
        Column("period_end", \.subscription.periodEnd)
        Column("suspended_period_end", \.subscription.suspendedPeriodEnd)
        Column("voided_through", \.subscription.voidedThrough)
        Column("prices") { $0.subscription.prices.map(encode) }
    }

    /// - Returns: nil while none of its own events has come.
    private static func history(_ row: Rows.Row) throws -> StatusHistory? {
        guard let status: SubscriptionStatus = try row.word("status") else { return nil }
        let reports: String = try row["reports"]
        return StatusHistory(
            second: try row["reported_at"],
            reports: try Set(reports.split(separator: " ").map(report)),
            end: status.isFinal ? status : nil,
            endedAt: try row["ended_at"],
            endedUnpaid: try row["is_ended_unpaid"]
        )
    }

    // MARK: The column `reports`

    /// `status<previous`, and `/now<before` if Stripe voids the invoices or did before; sorted, so that equal sets give
    /// equal columns.
    static func encode(_ reports: Set<StatusHistory.Report>) -> String {
        reports.map { report in
            let status = report.status.rawValue + (report.previous.map { "<" + $0.rawValue } ?? "")
            guard report.suspension != nil || report.wasSuspended != nil else { return status }
            let now = report.suspension.map { "void" + ($0.resumesAt.map { "@\($0.seconds)" } ?? "") } ?? "none"
            return status + "/" + now + (report.wasSuspended.map { $0 ? "<void" : "<none" } ?? "")
        }.sorted().joined(separator: " ")
    }

    private static func report(_ text: Substring) throws(StoreError) -> StatusHistory.Report {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let statuses = parts[0].split(separator: "<", maxSplits: 1, omittingEmptySubsequences: false)
        let pauses = parts.count > 1 ? parts[1].split(separator: "<", maxSplits: 1) : []
        return StatusHistory.Report(
            try storedWord(statuses[0], "reports"),
            previous: statuses.count > 1 ? try storedWord(statuses[1], "reports") : nil,
            suspension: pauses.isEmpty ? nil : try suspension(pauses[0]),
            wasSuspended: pauses.count > 1 ? try suspension(pauses[1]) != nil : nil
        )
    }

    private static func suspension(_ text: Substring) throws(StoreError) -> StatusHistory.Suspension? {
        switch text {
        case "none": return nil
        case "void": return StatusHistory.Suspension(resumesAt: nil)
        default:
            guard text.hasPrefix("void@"), let seconds = Int64(text.dropFirst("void@".count)) else {
                throw .unknownValue("reports")
            }
            return StatusHistory.Suspension(resumesAt: Timestamp(seconds: seconds))
        }
    }

    // MARK: The column `prices`

    /// The second, and the ids, which have no spaces.
    static func encode(_ prices: SubscriptionPrices) -> String {
        (["\(prices.second.seconds)"] + prices.ids).joined(separator: " ")
    }

    private static func prices(_ text: String?) throws(StoreError) -> SubscriptionPrices? {
        guard let words = text?.split(separator: " ") else { return nil }
        guard let seconds = words.first.flatMap({ Int64($0) }),
            let prices = SubscriptionPrices(words.dropFirst().map(String.init), at: Timestamp(seconds: seconds))
        else { throw StoreError.unknownValue("prices") }
        return prices
    }

    // MARK: The column `payments`

    /// Each as `paid_at:period_end`, with `:reach` if that differs, in seconds since 1970, `-` for none; sorted.
    static func encode(_ payments: SubscriptionPayments) -> String? {
        guard !payments.isEmpty else { return nil }
        return payments.all.map { payment in
            let period = "\(payment.paidAt.seconds):\(encode(payment.periodEnd))"
            let isLonger = payment.coverage.end != payment.periodEnd
            return isLonger ? "\(period):\(encode(payment.coverage.end))" : period
        }.sorted().joined(separator: " ")
    }

    private static func encode(_ end: Timestamp?) -> String {
        end.map { "\($0.seconds)" } ?? "-"
    }

    /// The column, plus what an earlier version stored instead: how far they reach, not when they were paid.
    private static func payments(_ text: String?, paid: Bool, through: Timestamp?) throws -> SubscriptionPayments {
        let payments = try text.map(decode) ?? SubscriptionPayments()
        guard paid else { return payments }
        let reach = through.map(Coverage.until) ?? .openEnded
        guard payments.coverage.map({ $0 < reach }) ?? true else { return payments }
        let unknown = SubscriptionPayment(paidAt: Timestamp(seconds: 0), periodEnd: through)
        return SubscriptionPayments(payments.all + [unknown])
    }

    private static func decode(_ text: String) throws(StoreError) -> SubscriptionPayments {
        var payments: [SubscriptionPayment] = []
        for word in text.split(separator: " ") {
            let numbers = word.split(separator: ":")
            guard (2...3).contains(numbers.count), let paidAt = Int64(numbers[0]) else {
                throw StoreError.unknownValue("payments")
            }
            let reach = try numbers.count > 2 ? time(numbers[2]).map(Coverage.until) ?? .openEnded : nil
            payments.append(
                SubscriptionPayment(
                    paidAt: Timestamp(seconds: paidAt), periodEnd: try time(numbers[1]), coverage: reach))
        }
        return SubscriptionPayments(payments)
    }

    private static func time(_ text: Substring) throws(StoreError) -> Timestamp? {
        if text == "-" { return nil }
        guard let seconds = Int64(text) else { throw StoreError.unknownValue("payments") }
        return Timestamp(seconds: seconds)
    }
}
