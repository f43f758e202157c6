import Billing
import Postgres
import Stripe

/// How a subscription lies in its table: the reports of its newest second in one column, its status derived from them.
enum StoredSubscription {
    /// The columns customer_id, id, status, reported_at, reports, is_ended_unpaid, paid, paid_through.
    static func decode(_ row: Rows.Row) throws -> (customer: String, subscription: Billing.Subscription) {
        let (customer, id, status, second, reports, endedUnpaid, paid, through) = try row.decode(
            String.self, String.self, String?.self, Timestamp?.self, String?.self, Bool?.self, Bool.self,
            Timestamp?.self
        )
        var history: StatusHistory?
        if let status, let second, let reports, let endedUnpaid {
            let status: SubscriptionStatus = try known(status)
            history = StatusHistory(
                second: second,
                reports: try Set(reports.split(separator: " ").map(report)),
                end: status.isFinal ? status : nil,
                endedUnpaid: endedUnpaid
            )
        }
        let coverage = paid ? through.map(Billing.Subscription.Coverage.until) ?? .openEnded : nil
        return (customer, Billing.Subscription(id: id, history: history, coverage: coverage))
    }

    /// The column `reports`; sorted, so that equal sets are equal columns.
    static func encode(_ reports: Set<StatusHistory.Report>) -> String {
        reports.sorted().map { report in
            report.status.rawValue + (report.previous.map { "<" + $0.rawValue } ?? "")
        }.joined(separator: " ")
    }

    private static func report(_ text: Substring) throws(StoreError) -> StatusHistory.Report {
        let words = text.split(separator: "<").map(String.init)
        let status: SubscriptionStatus = try known(words.first ?? "")
        let previous: SubscriptionStatus? = words.count > 1 ? try known(words[1]) : nil
        return StatusHistory.Report(status, previous: previous)
    }
}
