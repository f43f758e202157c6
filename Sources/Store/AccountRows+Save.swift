import Billing
import Postgres

extension AccountRows {
    /// Writes what differs from what was loaded.
    func save(_ accounts: some Collection<Account>) throws {
        let changed = accounts.filter { $0 != loaded[$0.customer] }
        guard !changed.isEmpty else { return }
        try saveSubscriptions(changed)
        try saveInvoices(changed)
        try saveEntries(changed)
        try saveAnswers(changed)
        try saveChanges(changed)
        let told = changed.filter {
            $0.access != loaded[$0.customer]?.access || $0.credits != loaded[$0.customer]?.credits
        }
        if !told.isEmpty { try changes.announce(told.map(\.customer), connection) }
    }

    private func saveSubscriptions(_ accounts: [Account]) throws {
        let rows = accounts.flatMap { account in
            account.subscriptions.values
                .filter { $0 != loaded[account.customer]?.subscriptions[$0.id] }
                .map { (account.customer, $0) }
        }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO tollgate.subscription (customer_id, id, status, reported_at, reports, is_ended_unpaid, ended_at,
                                               paid, paid_through, payments, period_end, suspended_period_end,
                                               voided_through)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[],
                                 $7::timestamptz[], $8::boolean[], $9::timestamptz[], $10::text[], $11::timestamptz[],
                                 $12::timestamptz[], $13::timestamptz[])
            ON CONFLICT (customer_id, id) DO UPDATE
            SET status = EXCLUDED.status, reported_at = EXCLUDED.reported_at, reports = EXCLUDED.reports,
                is_ended_unpaid = EXCLUDED.is_ended_unpaid, ended_at = EXCLUDED.ended_at, paid = EXCLUDED.paid,
                paid_through = EXCLUDED.paid_through, payments = EXCLUDED.payments, period_end = EXCLUDED.period_end,
                suspended_period_end = EXCLUDED.suspended_period_end, voided_through = EXCLUDED.voided_through
            """,
            .array(rows.map(\.0)),
            .array(rows.map(\.1.id)),
            .array(rows.map(\.1.status?.rawValue)),
            .array(rows.map(\.1.history?.second)),
            .array(rows.map { $0.1.history.map { StoredSubscription.encode($0.reports) } }),
            .array(rows.map(\.1.history?.endedUnpaid)),
            .array(rows.map(\.1.history?.endedAt)),
            .array(rows.map { !$0.1.payments.isEmpty }),
            .array(rows.map(\.1.payments.coverage?.end)),
            .array(rows.map { StoredSubscription.encode($0.1.payments) }),
            .array(rows.map(\.1.periodEnd)),
            .array(rows.map(\.1.suspendedPeriodEnd)),
            .array(rows.map(\.1.voidedThrough))
        )
    }

    private func saveInvoices(_ accounts: [Account]) throws {
        let rows = accounts.flatMap { account in
            account.invoices.values
                .filter { $0 != loaded[account.customer]?.invoices[$0.id] }
                .map { (account.customer, $0) }
        }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO tollgate.invoice (customer_id, id, status, subscription_id, billing_reason, collection_method,
                                          first_failed_at, is_top_up)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                                 $7::timestamptz[], $8::boolean[])
            ON CONFLICT (customer_id, id) DO UPDATE
            SET status = EXCLUDED.status, subscription_id = EXCLUDED.subscription_id,
                billing_reason = EXCLUDED.billing_reason, collection_method = EXCLUDED.collection_method,
                first_failed_at = EXCLUDED.first_failed_at, is_top_up = EXCLUDED.is_top_up
            """,
            .array(rows.map(\.0)),
            .array(rows.map(\.1.id)),
            .array(rows.map(\.1.status.rawValue)),
            .array(rows.map(\.1.subscription)),
            .array(rows.map(\.1.billingReason)),
            .array(rows.map(\.1.collectionMethod?.rawValue)),
            .array(rows.map(\.1.firstFailedAt)),
            .array(rows.map(\.1.isTopUp))
        )
    }

    private func saveEntries(_ accounts: [Account]) throws {
        let rows = accounts.flatMap { account in account.newEntries.map { (account.customer, $0) } }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO tollgate.credit_entry (customer_id, number, previous_balance, amount, balance, kind,
                                               business_key, event_id, operator, note, at)
            SELECT customer_id, number, balance - amount, amount, balance, kind, business_key, event_id, operator,
                   note, $10
            FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                        $8::text[], $9::text[])
                AS e (customer_id, number, amount, balance, kind, business_key, event_id, operator, note)
            """,
            .array(rows.map(\.0)),
            .array(rows.map(\.1.number)),
            .array(rows.map(\.1.amount)),
            .array(rows.map(\.1.balance)),
            .array(rows.map(\.1.kind.rawValue)),
            .array(rows.map(\.1.businessKey)),
            .array(rows.map(\.1.cause.event)),
            .array(rows.map(\.1.cause.operator)),
            .array(rows.map(\.1.cause.note)),
            .value(now)
        )
    }

    private func saveAnswers(_ accounts: [Account]) throws {
        let rows = accounts.compactMap { account in account.access.map { (account, $0) } }
        try connection.execute(
            """
            UPDATE tollgate.account a
            SET is_deleted = n.is_deleted, override_allowed = n.override_allowed, override_reason = n.override_reason,
                override_until = n.override_until, override_operator = n.override_operator,
                override_set_at = n.override_set_at, credits = n.credits, last_entry = n.last_entry,
                allowed = n.allowed, reason = n.reason, until = n.until, changed_at = n.changed_at,
                version = n.version, upcoming = n.upcoming::jsonb, open_disputes = n.open_disputes,
                has_purchased = n.has_purchased, decided_under = n.decided_under
            FROM unnest($1::text[], $2::boolean[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[],
                        $7::bigint[], $8::bigint[], $9::boolean[], $10::text[], $11::timestamptz[],
                        $12::timestamptz[], $13::bigint[], $14::text[], $15::boolean[], $16::text[], $17::text[], $18::boolean[])
                AS n (customer_id, override_allowed, override_reason, override_until, override_operator,
                      override_set_at, credits, last_entry, allowed, reason, until, changed_at, version, upcoming,
                      is_deleted, open_disputes, decided_under, has_purchased)
            WHERE a.customer_id = n.customer_id
            """,
            .array(rows.map(\.0.customer)),
            .array(rows.map(\.0.override?.allowed)),
            .array(rows.map(\.0.override?.reason)),
            .array(rows.map(\.0.override?.until)),
            .array(rows.map(\.0.override?.operator)),
            .array(rows.map(\.0.override?.setAt)),
            .array(rows.map(\.0.credits)),
            .array(rows.map(\.0.lastEntry)),
            .array(rows.map(\.1.current.decision.allowed)),
            .array(rows.map(\.1.current.decision.reason.rawValue)),
            .array(rows.map(\.1.current.decision.until)),
            .array(rows.map(\.1.current.from)),
            .array(rows.map(\.1.current.version)),
            .array(rows.map { StoredAccess.encode($0.1.upcoming) }),
            .array(rows.map(\.0.isDeleted)),
            .array(rows.map { $0.0.openDisputes.isEmpty ? nil : $0.0.openDisputes.sorted().joined(separator: " ") }),
            .array(rows.map(\.0.decidedUnder)),
            .array(rows.map(\.0.hasPurchased))
        )
    }

    private func saveChanges(_ accounts: [Account]) throws {
        let rows = accounts.flatMap { account in account.newChanges.map { (account.customer, $0) } }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO tollgate.access_change (customer_id, at, allowed, reason, until, version, cause, event_id,
                                                operator, note)
            SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::boolean[], $4::text[], $5::timestamptz[],
                                 $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[])
            """,
            .array(rows.map(\.0)),
            .array(rows.map(\.1.at)),
            .array(rows.map(\.1.decision.allowed)),
            .array(rows.map(\.1.decision.reason.rawValue)),
            .array(rows.map(\.1.decision.until)),
            .array(rows.map(\.1.version)),
            .array(rows.map(\.1.cause.kind)),
            .array(rows.map(\.1.cause.event)),
            .array(rows.map(\.1.cause.operator)),
            .array(rows.map(\.1.cause.note))
        )
    }
}
