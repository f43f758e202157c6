-- SPDX-License-Identifier: Apache-2.0
-- What the tables are, for whoever looks at them in SQL.

COMMENT ON TABLE tollgate.event_work IS 'Where each event stands: one row an event, changed as it is worked on.';
COMMENT ON TABLE tollgate.event_attempt IS 'Every attempt at an event, how it ended, and who asked for it.';
COMMENT ON TABLE tollgate.worker IS 'Who is at work on which events: after the death of a process, what it died of.';
COMMENT ON TABLE tollgate.account IS
    'One row a customer: what decides about access besides invoices and subscriptions, the balance, and the stored answer.';
COMMENT ON TABLE tollgate.subscription IS 'What events have told of each subscription.';
COMMENT ON TABLE tollgate.invoice IS 'What events have told of each invoice that may entitle its customer or be a debt.';
COMMENT ON TABLE tollgate.purchase IS
    'Payments and what they bought: one row a payment intent, charge, session or invoice, merged into one of them.';
COMMENT ON TABLE tollgate.price IS 'The price map: how many credits a price buys on an invoice, as operators keep it.';
COMMENT ON TABLE tollgate.credit_entry IS
    'The ledger of credits, append-only: each entry starts from the balance of the one before.';
COMMENT ON TABLE tollgate.access_change IS
    'The timeline: every change of allowed, reason or until, and every act of an operator, with its cause.';
COMMENT ON TABLE tollgate.migration IS 'Which files of the schema have been applied, and when.';
COMMENT ON TABLE tollgate.replay IS 'Requests of operators to run many events again.';
COMMENT ON TABLE tollgate.replay_event IS 'The events of a replay that have not ended yet.';

COMMENT ON COLUMN tollgate.api_access.customer_id IS 'The id of the customer at Stripe.';
COMMENT ON COLUMN tollgate.api_access.allowed IS 'Whether the customer may call the API at the moment of the query.';
COMMENT ON COLUMN tollgate.api_access.reason IS 'Why, in a word; the README lists them.';
COMMENT ON COLUMN tollgate.api_access.until IS 'When this answer ends by itself; NULL where only an event can end it.';
COMMENT ON COLUMN tollgate.api_access.credits IS 'The balance of prepaid credits; below zero they are owed.';
COMMENT ON COLUMN tollgate.api_access.version IS 'Grows with every change of the answer, credits included.';
COMMENT ON COLUMN tollgate.api_access.changed_at IS 'Since when allowed, reason and until are what they are.';
