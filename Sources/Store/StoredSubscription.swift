import Billing
import Notation
import Postgres

/// How a subscription lies in its table: the reports of its newest second in one column, its status derived from them;
/// its payments in another, how far they reach derived from them.
enum StoredSubscription {
    /// The columns customer_id, id, status, reported_at, reports, is_ended_unpaid, ended_at, paid, paid_through, payments,
    /// period_end, suspended_period_end, voided_through.
    static func decode(_ row: Rows.Row) throws -> (customer: String, subscription: Billing.Subscription) {
        let (
            customer, id, status, second, reports, endedUnpaid, endedAt, paid, through, payments, periodEnd,
            suspendedPeriodEnd, voidedThrough
        ) = try row.decode(
            String.self, String.self, String?.self, Timestamp?.self, String?.self, Bool?.self, Timestamp?.self,
            Bool.self, Timestamp?.self, String?.self, Timestamp?.self, Timestamp?.self, Timestamp?.self
        )
        var history: StatusHistory?
        if let status, let second, let reports, let endedUnpaid {
            let status: SubscriptionStatus = try known(status)
            history = StatusHistory(
                second: second,
                reports: try Set(reports.split(separator: " ").map(report)),
                end: status.isFinal ? status : nil,
                endedAt: endedAt,
                endedUnpaid: endedUnpaid
            )
        }
        let subscription = Billing.Subscription(
            id: id,
            history: history,
            payments: try self.payments(payments, paid: paid, through: through),
            periodEnd: periodEnd,
            suspendedPeriodEnd: suspendedPeriodEnd,
            voidedThrough: voidedThrough
        )
        return (customer, subscription)
    }

    // MARK: The column `reports`

    /// `status<previous`, and where Stripe voids the invoices or did before, `/now<before`; sorted, so that equal sets are
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
        let parts = text.split(separator: "/")
        let statuses = parts.first?.split(separator: "<").map(String.init) ?? []
        let pauses = parts.count > 1 ? parts[1].split(separator: "<") : []
        let status: SubscriptionStatus = try known(statuses.first ?? "")
        let previous: SubscriptionStatus? = statuses.count > 1 ? try known(statuses[1]) : nil
        return StatusHistory.Report(
            status,
            previous: previous,
            suspension: pauses.first.flatMap(suspension),
            wasSuspended: pauses.count > 1 ? pauses[1] == "void" : nil
        )
    }

    private static func suspension(_ text: Substring) -> StatusHistory.Suspension? {
        let words = text.split(separator: "@")
        guard words.first == "void" else { return nil }
        let resumesAt = words.count > 1 ? Int64(words[1]).map(Timestamp.init(seconds:)) : nil
        return StatusHistory.Suspension(resumesAt: resumesAt)
    }

    // MARK: The column `payments`

    /// Each as `paid_at:period_end`, and `:reach` where that is another, in seconds since 1970, `-` for none; sorted.
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

    /// The column, and what a version before kept in place of it: how far they reach, not when they were paid.
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
                throw StoreError.unknownValue("payment")
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
        guard let seconds = Int64(text) else { throw StoreError.unknownValue("payment") }
        return Timestamp(seconds: seconds)
    }
}
