import Billing
import Notation
import Postgres

/// How an invoice lies in its table.
enum StoredInvoice {
    /// The columns customer_id, id, status, subscription_id, billing_reason, collection_method, first_failed_at, is_top_up.
    static func decode(_ row: Rows.Row) throws -> (customer: String, invoice: Billing.Invoice) {
        let (customer, id, status, subscription, billingReason, method, firstFailedAt, isTopUp) = try row.decode(
            String.self, String.self, String.self, String?.self, String?.self, String?.self, Timestamp?.self, Bool.self
        )
        let invoice = Billing.Invoice(
            id: id,
            status: try known(status),
            subscription: subscription,
            billingReason: billingReason,
            collectionMethod: try method.map { try known($0) },
            firstFailedAt: firstFailedAt,
            isTopUp: isTopUp
        )
        return (customer, invoice)
    }
}
