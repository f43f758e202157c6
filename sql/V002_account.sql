-- SPDX-License-Identifier: Apache-2.0
-- What the events add up to: the state that the decision about a customer needs, and its history.

CREATE TABLE tollgate.account (
    customer_id       text COLLATE "C" PRIMARY KEY CHECK (customer_id ~ '^[A-Za-z0-9_-]{1,255}$'),
    is_deleted        boolean NOT NULL DEFAULT false,

    override_allowed  boolean,
    override_reason   text,
    override_until    timestamptz,
    override_operator text,
    override_set_at   timestamptz,
    CHECK (num_nulls(override_allowed, override_reason, override_operator, override_set_at) IN (0, 4)),
    CHECK (override_until IS NULL OR override_allowed IS NOT NULL),

    -- Of the purchases that are this customer's; ids, separated by spaces.
    open_disputes     text,
    has_purchased     boolean NOT NULL DEFAULT false,

    -- The balance is that of the last ledger entry: account_last_entry below proves it.
    credits           bigint NOT NULL DEFAULT 0,
    last_entry        bigint,
    CHECK (last_entry IS NOT NULL OR credits = 0),

    -- The stored answer, and those that time alone will bring. Version 0 stands only while the row is being made.
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
);

COMMENT ON COLUMN tollgate.account.upcoming IS
    'The answers that follow by themselves: [{"from", "allowed", "reason", "until", "version"}], in order.';
COMMENT ON COLUMN tollgate.account.decided_under IS
    'The configuration that the answer was decided under: where it has changed, the answer is decided anew.';

CREATE INDEX account_elapsing ON tollgate.account (until) WHERE until IS NOT NULL;

CREATE INDEX account_decided_under ON tollgate.account (decided_under);

CREATE TABLE tollgate.subscription (
    customer_id     text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    id              text COLLATE "C" NOT NULL,
    status          text CHECK (status IN ('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused',
                                           'incomplete_expired', 'canceled')),
    reported_at     timestamptz,
    reports         text,
    is_ended_unpaid boolean,
    paid            boolean NOT NULL,
    paid_through    timestamptz,
    PRIMARY KEY (customer_id, id),
    CHECK (num_nulls(status, reported_at, reports, is_ended_unpaid) IN (0, 4)),
    CHECK (paid OR paid_through IS NULL)
);

COMMENT ON COLUMN tollgate.subscription.status IS 'NULL while none of its own events came.';
COMMENT ON COLUMN tollgate.subscription.reports IS
    'What the events of the newest second said, as `status<previous`, separated by spaces: the status is chosen from it.';
COMMENT ON COLUMN tollgate.subscription.is_ended_unpaid IS 'Canceled because an invoice stayed unpaid.';
COMMENT ON COLUMN tollgate.subscription.paid_through IS
    'The latest period end of its paid invoices; NULL with paid: their lines carry no period.';

CREATE TABLE tollgate.invoice (
    customer_id     text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    id              text COLLATE "C" NOT NULL,
    status          text NOT NULL CHECK (status IN ('open', 'uncollectible', 'void', 'paid')),
    subscription_id text COLLATE "C",
    billing_reason  text,
    first_failed_at timestamptz,
    is_top_up       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (customer_id, id)
);

COMMENT ON COLUMN tollgate.invoice.is_top_up IS 'It only sells credits: unpaid it gives none, and is no debt.';
COMMENT ON COLUMN tollgate.invoice.first_failed_at IS 'The grace period is anchored here; no retry moves it.';

CREATE INDEX invoice_unpaid ON tollgate.invoice (customer_id)
    WHERE first_failed_at IS NOT NULL AND status IN ('open', 'uncollectible');

-- Every payment intent, charge, Checkout session and invoice that an event names is a row. Those that turn out to be of
-- one purchase are merged into one of them, which then holds all that is known.
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
);

COMMENT ON COLUMN tollgate.purchase.facts IS
    'What its objects, refunds and disputes say: {"parts", "refunds", "disputes"}, each by id.';
COMMENT ON COLUMN tollgate.purchase.credits IS 'Credits it buys, fixed when that was first applied; NULL for none.';
COMMENT ON COLUMN tollgate.purchase.given IS 'Credits that the ledger of its customer holds for it.';

CREATE INDEX purchase_of_customer ON tollgate.purchase (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX purchase_waiting ON tollgate.purchase (id) WHERE credits IS NOT NULL AND customer_id IS NULL;

-- How many credits one unit of a price buys, as operators keep it.
CREATE TABLE tollgate.price (
    id       text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.-]{1,255}$'),
    credits  bigint NOT NULL CHECK (credits BETWEEN 1 AND 1000000000000000),
    operator text NOT NULL,
    set_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Append-only: each entry starts from the balance of the one before, so the balance is the sum of the amounts.
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

-- The timeline: every change of allowed, reason or until, with its cause.
CREATE TABLE tollgate.access_change (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    at          timestamptz NOT NULL,
    allowed     boolean NOT NULL,
    reason      text NOT NULL,
    until       timestamptz,
    version     bigint NOT NULL CHECK (version > 0),
    cause       text NOT NULL CHECK (cause IN ('event', 'operator', 'time', 'configuration')),
    event_id    text COLLATE "C",
    operator    text,
    note        text,
    UNIQUE (customer_id, version),
    CHECK ((cause = 'event') = (event_id IS NOT NULL)),
    CHECK ((cause = 'operator') = (operator IS NOT NULL))
);

CREATE INDEX access_change_of_event ON tollgate.access_change (event_id) WHERE event_id IS NOT NULL;
