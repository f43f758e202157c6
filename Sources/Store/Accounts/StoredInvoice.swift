// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How an invoice is stored in its table.
struct StoredInvoice {
    static let columns: SQL =
        "customer_id, id, status, subscription_id, billing_reason, collection_method, first_failed_at, is_top_up"

    let customer: String
    let invoice: Invoice

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        invoice = Invoice(
            id: try row["id"],
            status: try row.word("status"),
            subscription: try row["subscription_id"],
            billingReason: try row["billing_reason"],
            collectionMethod: try row.word("collection_method"),
            firstFailedAt: try row["first_failed_at"],
            isTopUp: try row["is_top_up"]
        )
    }

    init(of customer: String, _ invoice: Invoice) {
        self.customer = customer
        self.invoice = invoice
    }

    static let rows = Unnest<StoredInvoice> {
        Column.key("customer_id", \.customer)
        Column.key("id", \.invoice.id)
        Column("status", \.invoice.status.rawValue)
        Column("subscription_id", \.invoice.subscription)
        Column("billing_reason", \.invoice.billingReason)
        Column("collection_method", \.invoice.collectionMethod?.rawValue)
        Column("first_failed_at", \.invoice.firstFailedAt)
        Column("is_top_up", \.invoice.isTopUp)
    }
}
