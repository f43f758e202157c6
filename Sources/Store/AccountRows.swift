import Billing
import Notation
import Postgres

/// The accounts of one transaction: locked in the order of their ids, loaded, and what changed saved.
struct AccountRows {
    let connection: Connection
    let changes: AccessChanges
    private(set) var loaded: [String: Account] = [:]
    /// The database's clock once all locks are held, so that no account ever sees time go back.
    private(set) var now = Timestamp(microseconds: 0)

    /// - Parameter changes: told whose answer or balance was changed, once that is committed.
    init(_ connection: Connection, telling changes: AccessChanges) {
        self.connection = connection
        self.changes = changes
    }

    /// Locks and loads, and makes accounts for customers who have none.
    /// - Parameter invoices: ids to load besides those that failed.
    mutating func lock(
        _ customers: some Sequence<String>,
        invoices: [String] = []
    ) throws -> [String: Account] {
        let ids = Array(Set(customers)).sorted()
        try connection.execute(
            """
            INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
            SELECT customer_id, false, 'no_subscription', now(), 0
            FROM unnest($1::text[]) AS a (customer_id)
            ORDER BY customer_id COLLATE "C"
            ON CONFLICT (customer_id) DO NOTHING
            """,
            .array(ids)
        )
        let rows = try connection.execute(
            """
            SELECT customer_id, is_deleted, open_disputes, has_purchased, override_allowed, override_reason,
                   override_until, override_operator, override_set_at, credits, last_entry, reason, until, changed_at, version,
                   upcoming::text, decided_under
            FROM tollgate.account
            WHERE customer_id = ANY ($1)
            ORDER BY customer_id
            FOR UPDATE
            """,
            .array(ids)
        )
        let subscriptions = try self.subscriptions(of: ids)
        let invoices = try self.invoices(of: ids, named: invoices)
        for row in rows {
            let (
                customer, isDeleted, openDisputes, hasPurchased, allowed, overrideReason, overrideUntil,
                overrideOperator, setAt, credits, lastEntry, reason, until, changedAt, version,
                upcoming, decidedUnder
            ) = try row.decode(
                String.self, Bool.self, String?.self, Bool.self, Bool?.self, String?.self, Timestamp?.self,
                String?.self, Timestamp?.self, Int64.self, Int64?.self, String.self, Timestamp?.self, Timestamp.self,
                Int64.self, String.self, String.self
            )
            var override: Override?
            if let allowed, let overrideReason, let overrideOperator, let setAt {
                override = Override(
                    allowed: allowed,
                    reason: overrideReason,
                    until: overrideUntil,
                    operator: overrideOperator,
                    setAt: setAt
                )
            }
            let access = try StoredAccess.decode(
                reason: reason, until: until, changedAt: changedAt, version: version, upcoming: upcoming
            )
            loaded[customer] = Account(
                customer: customer,
                subscriptions: subscriptions[customer] ?? [:],
                invoices: invoices[customer] ?? [:],
                openDisputes: Set((openDisputes ?? "").split(separator: " ").map(String.init)),
                hasPurchased: hasPurchased,
                isDeleted: isDeleted,
                override: override,
                credits: credits,
                lastEntry: lastEntry,
                access: access,
                decidedUnder: decidedUnder
            )
        }
        now = try connection.execute("SELECT clock_timestamp()").first?.decode(Timestamp.self) ?? now
        return loaded
    }

    private func subscriptions(of customers: [String]) throws -> [String: [String: Billing.Subscription]] {
        let rows = try connection.execute(
            """
            SELECT customer_id, id, status, reported_at, reports, is_ended_unpaid, ended_at, paid, paid_through, payments,
                   period_end, suspended_period_end, voided_through
            FROM tollgate.subscription
            WHERE customer_id = ANY ($1)
            """,
            .array(customers)
        )
        var found: [String: [String: Billing.Subscription]] = [:]
        for row in rows {
            let (customer, subscription) = try StoredSubscription.decode(row)
            found[customer, default: [:]][subscription.id] = subscription
        }
        return found
    }

    private func invoices(of customers: [String], named ids: [String]) throws -> [String: [String: Billing.Invoice]] {
        let rows = try connection.execute(
            """
            SELECT customer_id, id, status, subscription_id, billing_reason, collection_method, first_failed_at, is_top_up
            FROM tollgate.invoice
            WHERE customer_id = ANY ($1) AND first_failed_at IS NOT NULL AND status <> 'void'
              AND (status <> 'paid' OR first_failed_at > now() - interval '1 year')
            UNION
            SELECT customer_id, id, status, subscription_id, billing_reason, collection_method, first_failed_at, is_top_up
            FROM tollgate.invoice
            WHERE customer_id = ANY ($1) AND id = ANY ($2)
            """,
            .array(customers),
            .array(ids)
        )
        var found: [String: [String: Billing.Invoice]] = [:]
        for row in rows {
            let (customer, invoice) = try StoredInvoice.decode(row)
            found[customer, default: [:]][invoice.id] = invoice
        }
        return found
    }
}
