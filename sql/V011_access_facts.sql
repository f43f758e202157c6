--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- What the rules ask of subscriptions and invoices besides: when something was paid, until when, and how it is collected.
-- NULL in a row from before: not known, and it means what it meant.

ALTER TABLE tollgate.invoice
    ADD COLUMN collection_method text CHECK (collection_method IN ('charge_automatically', 'send_invoice'));

COMMENT ON COLUMN tollgate.invoice.collection_method IS 'NULL where no event said: then it counts as charged.';

ALTER TABLE tollgate.subscription
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN payments text CHECK (payments <> ''),
    ADD COLUMN period_end timestamptz,
    ADD COLUMN suspended_period_end timestamptz,
    ADD COLUMN voided_through timestamptz,
    ADD CHECK (ended_at IS NULL OR (status IS NOT NULL AND status IN ('canceled', 'incomplete_expired'))),
    ADD CHECK (paid OR payments IS NULL);

COMMENT ON COLUMN tollgate.subscription.reports IS
    'What the events of the newest second said, separated by spaces: `status<previous`, and where Stripe voids the '
    'invoices (pause_collection) or did before, `/void<none` with `@` and when that ends; what holds is chosen from it.';
COMMENT ON COLUMN tollgate.subscription.paid_through IS
    'How far its paid invoices entitle; NULL with paid: their lines carry no period.';
COMMENT ON COLUMN tollgate.subscription.payments IS
    'The paid invoices that say something the others do not, separated by spaces: `paid at:end of the period`, and '
    '`:how far it entitles` where it was billed in arrears, in seconds since 1970, `-` for none.';
COMMENT ON COLUMN tollgate.subscription.period_end IS
    'The latest end of a current period that its events told while Stripe collected for it.';
COMMENT ON COLUMN tollgate.subscription.suspended_period_end IS
    'The earliest that they told while Stripe voided its invoices.';
COMMENT ON COLUMN tollgate.subscription.voided_through IS 'The latest end of a period whose invoice was voided.';

-- A paid invoice that had failed keeps what was left of its grace period: those are looked for too.
DROP INDEX tollgate.invoice_unpaid;
CREATE INDEX invoice_failed ON tollgate.invoice (customer_id) WHERE first_failed_at IS NOT NULL AND status <> 'void';
