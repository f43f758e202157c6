-- SPDX-License-Identifier: Apache-2.0
-- What the events add up to: the state that the decision about a customer needs, and the ledger of credits. A
-- fillfactor leaves rows that are updated over and over room for their next version on the same page.

CREATE TABLE tollgate.account (
    -- PostgreSQL takes 20 µs for a {1,255} repetition, at every update of the row: so the length is a separate check.
    customer_id       text COLLATE "C" PRIMARY KEY
                      CHECK (customer_id ~ '^[A-Za-z0-9_-]+$' AND length(customer_id) <= 255),
    is_deleted        boolean NOT NULL DEFAULT false,

    override_allowed  boolean,
    override_reason   text,
    override_until    timestamptz,
    override_operator text,
    override_set_at   timestamptz,
    CHECK (num_nulls(override_allowed, override_reason, override_operator, override_set_at) IN (0, 4)),
    CHECK (override_until IS NULL OR override_allowed IS NOT NULL),

    -- Those of this customer's purchases; ids, separated by spaces.
    open_disputes     text,
    has_purchased     boolean NOT NULL DEFAULT false,

    -- The balance is the last ledger entry's: account_last_entry below proves it.
    credits           bigint NOT NULL DEFAULT 0,
    last_entry        bigint,
    CHECK (last_entry IS NOT NULL OR credits = 0),

    -- The stored answer, and those that follow with time alone. Version 0 exists only while the row is being created.
    allowed           boolean NOT NULL,
    reason            text NOT NULL,
    until             timestamptz,
    changed_at        timestamptz NOT NULL,
    version           bigint NOT NULL CHECK (version >= 0),
    upcoming          jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(upcoming) = 'array'),
    decided_under     text NOT NULL DEFAULT '',
    CHECK ((until IS NULL) = (upcoming = '[]')),
    CONSTRAINT account_reason CHECK (
        (allowed AND reason IN ('subscription_active', 'invoice_paid', 'credits', 'grace_period', 'override_allow'))
        OR (NOT allowed AND reason IN ('payment_overdue', 'credits_exhausted', 'no_subscription',
                                       'subscription_ended', 'disputed', 'override_deny', 'customer_deleted'))
    )
) WITH (fillfactor = 70);

COMMENT ON TABLE tollgate.account IS
    'One row per customer: what decides about access besides invoices and subscriptions, balance and stored answer.';
COMMENT ON COLUMN tollgate.account.upcoming IS
    'The answers that follow with time alone: [{"from", "allowed", "reason", "until", "version"}], in order.';
COMMENT ON COLUMN tollgate.account.decided_under IS
    'The configuration under which the answer was decided: if it has changed, the answer is decided again.';

CREATE INDEX account_elapsing ON tollgate.account (until) WHERE until IS NOT NULL;
CREATE INDEX account_decided_under ON tollgate.account (decided_under);
-- Who is blocked, and why.
CREATE INDEX account_reason ON tollgate.account (reason, customer_id);

CREATE TABLE tollgate.subscription (
    customer_id          text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    id                   text COLLATE "C" NOT NULL,
    status               text CHECK (status IN ('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused',
                                                'incomplete_expired', 'canceled')),
    reported_at          timestamptz,
    reports              text,
    is_ended_unpaid      boolean,
    ended_at             timestamptz,
    paid                 boolean NOT NULL,
    paid_through         timestamptz,
    payments             text CHECK (payments <> ''),
    period_end           timestamptz,
    suspended_period_end timestamptz,
    voided_through       timestamptz,
    PRIMARY KEY (customer_id, id),
    CHECK (num_nulls(status, reported_at, reports, is_ended_unpaid) IN (0, 4)),
    CHECK (paid OR paid_through IS NULL),
    CHECK (ended_at IS NULL OR (status IS NOT NULL AND status IN ('canceled', 'incomplete_expired'))),
    CHECK (paid OR payments IS NULL)
) WITH (fillfactor = 80);

COMMENT ON TABLE tollgate.subscription IS 'What events have said about each subscription.';
COMMENT ON COLUMN tollgate.subscription.status IS 'NULL while none of its own events has come.';
COMMENT ON COLUMN tollgate.subscription.reports IS
    'What the events of the newest second said, separated by spaces: `status<previous`, and if Stripe voids the '
    'invoices (pause_collection) or did before, `/void<none` with `@` and when that ends; what holds is chosen from it.';
COMMENT ON COLUMN tollgate.subscription.is_ended_unpaid IS 'Canceled because an invoice stayed unpaid.';
COMMENT ON COLUMN tollgate.subscription.paid_through IS
    'How far its paid invoices entitle; NULL with paid: their lines carry no period.';
COMMENT ON COLUMN tollgate.subscription.payments IS
    'The paid invoices that say something the others do not, separated by spaces: `paid at:end of the period`, and '
    '`:how far it entitles` if it was billed in arrears, in seconds since 1970, `-` for none.';
COMMENT ON COLUMN tollgate.subscription.period_end IS
    'The latest end of a current period that its events reported while Stripe was collecting for it.';
COMMENT ON COLUMN tollgate.subscription.suspended_period_end IS
    'The earliest that they reported while Stripe was voiding its invoices.';
COMMENT ON COLUMN tollgate.subscription.voided_through IS 'The latest end of a period whose invoice was voided.';

CREATE TABLE tollgate.invoice (
    customer_id       text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    id                text COLLATE "C" NOT NULL,
    status            text NOT NULL CHECK (status IN ('open', 'uncollectible', 'void', 'paid')),
    subscription_id   text COLLATE "C",
    billing_reason    text,
    collection_method text CHECK (collection_method IN ('charge_automatically', 'send_invoice')),
    first_failed_at   timestamptz,
    is_top_up         boolean NOT NULL DEFAULT false,
    PRIMARY KEY (customer_id, id)
) WITH (fillfactor = 80);

COMMENT ON TABLE tollgate.invoice IS
    'What events have said about each invoice that may entitle its customer or be a debt.';
COMMENT ON COLUMN tollgate.invoice.collection_method IS 'NULL if no event said: it then counts as charged.';
COMMENT ON COLUMN tollgate.invoice.is_top_up IS 'It only sells credits: while unpaid it gives none, and is not a debt.';
COMMENT ON COLUMN tollgate.invoice.first_failed_at IS 'The grace period is anchored here; no retry moves it.';

-- A paid invoice that had failed keeps the rest of its grace period, so those are looked up too.
CREATE INDEX invoice_failed ON tollgate.invoice (customer_id) WHERE first_failed_at IS NOT NULL AND status <> 'void';
-- Finds the customer of an invoice.
CREATE INDEX invoice_id ON tollgate.invoice (id);

-- Every payment intent, charge, Checkout session and invoice that an event names is a row. Those that turn out to
-- belong to one purchase are merged into one of them, which then holds everything that is known.
CREATE TABLE tollgate.purchase (
    id          text COLLATE "C" PRIMARY KEY,
    merged_into text COLLATE "C" REFERENCES tollgate.purchase (id) CHECK (merged_into <> id),
    facts       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    customer_id text COLLATE "C" REFERENCES tollgate.account (customer_id),
    credits     bigint CHECK (credits BETWEEN 1 AND 1000000000000000),
    given       bigint NOT NULL DEFAULT 0,
    entries     bigint NOT NULL DEFAULT 0 CHECK (entries >= 0),
    CHECK (given BETWEEN 0 AND coalesce(credits, 0)),
    CHECK (customer_id IS NOT NULL OR given = 0),
    CHECK (merged_into IS NULL OR (facts = '{}' AND num_nonnulls(customer_id, credits) = 0))
) WITH (fillfactor = 80);

COMMENT ON TABLE tollgate.purchase IS
    'Payments and what they bought: one row per payment intent, charge, session or invoice, merged into one of them.';
COMMENT ON COLUMN tollgate.purchase.facts IS
    'What its objects, refunds and disputes say: {"parts", "refunds", "disputes"}, each by id.';
COMMENT ON COLUMN tollgate.purchase.credits IS 'Credits it buys, fixed when that was first applied; NULL for none.';
COMMENT ON COLUMN tollgate.purchase.given IS 'Credits that the ledger of its customer holds for it.';

CREATE INDEX purchase_of_customer ON tollgate.purchase (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX purchase_waiting ON tollgate.purchase (id) WHERE credits IS NOT NULL AND customer_id IS NULL;

-- How many credits one unit of a price buys, as set by operators. With what one unit costs, parts of it that are sold
-- in the middle of a period count in proportion.
CREATE TABLE tollgate.price (
    id          text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.-]{1,255}$'),
    credits     bigint NOT NULL CHECK (credits BETWEEN 1 AND 1000000000000000),
    unit_amount bigint CHECK (unit_amount > 0),
    operator    text NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE tollgate.price IS 'The price map: how many credits a price buys on an invoice, as set by operators.';
COMMENT ON COLUMN tollgate.price.unit_amount IS
    'In the currency''s smallest unit; NULL: a proration of it sells nothing.';

-- Append-only: each entry starts from the previous one's balance, so the balance is the sum of the amounts.
CREATE TABLE tollgate.credit_entry (
    customer_id      text COLLATE "C" NOT NULL,
    number           bigint NOT NULL CHECK (number > 0),
    previous_number  bigint GENERATED ALWAYS AS (NULLIF(number - 1, 0)) STORED,
    previous_balance bigint NOT NULL,
    amount           bigint NOT NULL CHECK (amount <> 0),
    balance          bigint NOT NULL CHECK (balance = previous_balance + amount),
    kind             text NOT NULL CHECK (kind IN ('top_up', 'grant', 'refund', 'dispute', 'correction')),
    business_key     text NOT NULL UNIQUE,
    event_id         text COLLATE "C",
    operator         text,
    note             text,
    at               timestamptz NOT NULL,
    PRIMARY KEY (customer_id, number),
    UNIQUE (customer_id, number, balance),
    CHECK (number > 1 OR previous_balance = 0),
    CHECK (num_nonnulls(event_id, operator) = 1),
    FOREIGN KEY (customer_id, previous_number, previous_balance)
        REFERENCES tollgate.credit_entry (customer_id, number, balance)
);

COMMENT ON TABLE tollgate.credit_entry IS
    'The ledger of credits, append-only: each entry starts from the previous one''s balance.';

CREATE INDEX credit_entry_of_event ON tollgate.credit_entry (event_id) WHERE event_id IS NOT NULL;

ALTER TABLE tollgate.account ADD CONSTRAINT account_last_entry
    FOREIGN KEY (customer_id, last_entry, credits) REFERENCES tollgate.credit_entry (customer_id, number, balance)
    DEFERRABLE INITIALLY DEFERRED;

-- An entry that the account's balance does not include cannot be committed.
CREATE FUNCTION tollgate.credit_entry_is_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tollgate.account
                   WHERE customer_id = NEW.customer_id AND last_entry >= NEW.number) THEN
        RAISE EXCEPTION 'ledger entry % of % is not in the balance of its account', NEW.number, NEW.customer_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER credit_entry_counted AFTER INSERT ON tollgate.credit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tollgate.credit_entry_is_counted();

CREATE FUNCTION tollgate.credit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the credit ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER credit_entry_append_only BEFORE UPDATE OR DELETE ON tollgate.credit_entry
    FOR EACH ROW EXECUTE FUNCTION tollgate.credit_entry_stays();
