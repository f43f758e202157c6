--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- What customers' calls have used, and what they were charged for that. An older version would not know what the ledger
-- says of it.

-- Each call once. Each charge starts from what the one before left, which was less than a credit: so nothing is rounded,
-- and everything adds up to the last digit.
CREATE TABLE tollgate.usage_record (
    id           text COLLATE "C" PRIMARY KEY,
    customer_id  text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    number       bigint NOT NULL,
    key_id       text COLLATE "C",
    provider     text NOT NULL,
    dialect      text NOT NULL,
    model        text NOT NULL,
    at           timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    status       text NOT NULL,
    is_batch     boolean NOT NULL,
    usage        jsonb,
    request      jsonb NOT NULL,
    hold_id      text COLLATE "C",
    digest       bytea NOT NULL,
    livemode     boolean NOT NULL,
    lines        jsonb NOT NULL,
    marks        jsonb NOT NULL,
    cost         numeric NOT NULL,
    charge       numeric NOT NULL,
    bill         text NOT NULL,
    credit_value numeric NOT NULL,
    carried      numeric NOT NULL,
    credits      bigint NOT NULL,
    remainder    numeric NOT NULL,
    rate_id      text COLLATE "C" REFERENCES tollgate.rate (id),
    plan_id      text COLLATE "C" NOT NULL REFERENCES tollgate.plan (id),
    corrects     text COLLATE "C" REFERENCES tollgate.usage_record (id),
    UNIQUE (customer_id, number),
    CONSTRAINT usage_record_is_sound CHECK (
        id ~ '^[A-Za-z0-9_-]{1,255}$'
        AND number > 0 AND (number > 1 OR carried = 0)
        AND dialect IN ('anthropic', 'openai', 'tokens')
        AND status IN ('ok', 'failed', 'aborted', 'refused')
        AND jsonb_typeof(request) = 'object' AND jsonb_typeof(lines) = 'array' AND jsonb_typeof(marks) = 'array'
        AND octet_length(digest) = 32),
    CONSTRAINT usage_record_adds_up CHECK (
        (corrects IS NOT NULL OR (cost >= 0 AND charge >= 0 AND credits >= 0)) AND carried >= 0 AND credit_value > 0
        AND CASE bill WHEN 'credits' THEN carried + charge = credits * credit_value + remainder
                                         AND remainder >= 0 AND remainder < credit_value
            ELSE bill IN ('meter', 'none') AND credits = 0 AND remainder = carried END)
);

COMMENT ON TABLE tollgate.usage_record IS 'The token log: what every call used and was charged, append-only.';
COMMENT ON COLUMN tollgate.usage_record.number IS '1, 2, 3 … of its customer, in the order in which they were charged.';
COMMENT ON COLUMN tollgate.usage_record.at IS 'When the call was made, as its gateway says: it chooses the price.';
COMMENT ON COLUMN tollgate.usage_record.usage IS 'The provider''s usage object as it came; NULL if the call has none.';
COMMENT ON COLUMN tollgate.usage_record.request IS '{"session", "content_length", "response_length", "labels"}.';
COMMENT ON COLUMN tollgate.usage_record.digest IS 'SHA-256 of what was reported: another report under the same id is none.';
COMMENT ON COLUMN tollgate.usage_record.lines IS '[{"pool", "quantity", "rate", "cost", "factors"?, "model", "version"}].';
COMMENT ON COLUMN tollgate.usage_record.marks IS 'What was assumed, or is out of the ordinary: ["cache_writes_taken_as_5m", "late"].';
COMMENT ON COLUMN tollgate.usage_record.cost IS 'At list prices, in dollars, exact; so are all amounts here.';
COMMENT ON COLUMN tollgate.usage_record.carried IS 'What of earlier charges was less than a credit.';
COMMENT ON COLUMN tollgate.usage_record.corrects IS
    'The record of a call whose price turned out to be another one: this is the difference.';
COMMENT ON COLUMN tollgate.usage_record.remainder IS 'What the customer carries from then on.';

CREATE INDEX usage_record_at ON tollgate.usage_record (customer_id, at, id);

CREATE FUNCTION tollgate.usage_record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a call has used is recorded once, and neither changed nor removed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER usage_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tollgate.usage_record
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.usage_record_stays();

-- Which record was the last, and what it left.
CREATE TABLE tollgate.usage_balance (
    customer_id text COLLATE "C" PRIMARY KEY REFERENCES tollgate.account (customer_id),
    number      bigint NOT NULL,
    carried     numeric NOT NULL CHECK (carried >= 0),
    FOREIGN KEY (customer_id, number) REFERENCES tollgate.usage_record (customer_id, number)
        DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 70);

COMMENT ON TABLE tollgate.usage_balance IS 'What of a customer''s charges was less than a credit so far, in dollars.';

-- Sums of the records of a UTC month, by the times of the calls.
CREATE TABLE tollgate.usage_month (
    customer_id text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    month       date NOT NULL CHECK (extract(day FROM month) = 1),
    records     bigint NOT NULL CHECK (records >= 0),
    cost        numeric NOT NULL,
    marked_up   numeric NOT NULL,
    charge      numeric NOT NULL,
    credits     bigint NOT NULL,
    moved       numeric NOT NULL,
    PRIMARY KEY (customer_id, month)
) WITH (fillfactor = 70);

COMMENT ON TABLE tollgate.usage_month IS 'What a customer''s calls of a UTC month have come to.';
COMMENT ON COLUMN tollgate.usage_month.marked_up IS 'The cost with its markups, and with what is included in the plan.';
COMMENT ON COLUMN tollgate.usage_month.moved IS 'By how much they changed what the customer carries, in dollars.';

-- The same by day, model and key.
CREATE TABLE tollgate.usage_day (
    customer_id    text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    day            date NOT NULL,
    provider       text COLLATE "C" NOT NULL,
    model          text COLLATE "C" NOT NULL,
    key_id         text COLLATE "C" NOT NULL,
    records        bigint NOT NULL CHECK (records >= 0),
    cost           numeric NOT NULL,
    charge         numeric NOT NULL,
    credits        bigint NOT NULL,
    input          bigint NOT NULL,
    output         bigint NOT NULL,
    cache_write_5m bigint NOT NULL,
    cache_write_1h bigint NOT NULL,
    cache_read     bigint NOT NULL,
    web_search     bigint NOT NULL,
    units          jsonb NOT NULL,
    PRIMARY KEY (customer_id, day, provider, model, key_id)
) WITH (fillfactor = 70);

COMMENT ON TABLE tollgate.usage_day IS 'What a customer''s calls of a UTC day have come to, by model and key.';
COMMENT ON COLUMN tollgate.usage_day.key_id IS 'Empty for calls without a key.';
COMMENT ON COLUMN tollgate.usage_day.units IS 'Units of the company''s own: {"unit:image": 3}.';

CREATE FUNCTION tollgate.units_added(one jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN other = '{}' THEN one ELSE (
        SELECT jsonb_object_agg(key, sum)
        FROM (SELECT key, sum(value::bigint)
              FROM (SELECT * FROM jsonb_each_text(one) UNION ALL SELECT * FROM jsonb_each_text(other)) u
              GROUP BY key) s) END
$$;

-- What cannot be charged yet, and why.
CREATE TABLE tollgate.usage_quarantine (
    id          text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,255}$'),
    status      text NOT NULL CHECK (status IN ('quarantined', 'recorded', 'discarded')),
    customer_id text COLLATE "C",
    key_id      text COLLATE "C",
    report      jsonb NOT NULL CHECK (jsonb_typeof(report) = 'object'),
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    reason      text NOT NULL,
    error       text NOT NULL,
    attempts    bigint NOT NULL CHECK (attempts > 0),
    received_at timestamptz NOT NULL,
    tried_at    timestamptz NOT NULL,
    operator    text,
    note        text,
    CHECK (status <> 'discarded' OR (operator IS NOT NULL AND note IS NOT NULL))
);

COMMENT ON TABLE tollgate.usage_quarantine IS
    'Reports of calls that cannot be charged: they wait until the cause is mended, or an operator discards them.';

CREATE INDEX usage_quarantine_waiting ON tollgate.usage_quarantine (id) WHERE status = 'quarantined';

-- The ledger and the timeline tell of usage too. Rows that are there already were checked when they came.
CREATE FUNCTION tollgate.credit_entry_is_sound(
    number bigint, previous_balance bigint, amount bigint, balance bigint, kind text, event_id text, operator text,
    lots jsonb, hold_id text, debit_id text, usage_id text
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN number > 0
        AND (amount = 0) = (kind = 'repayment')
        AND balance = previous_balance + amount
        AND (number > 1 OR previous_balance = 0)
        AND kind IN ('settlement', 'usage', 'debit', 'expiry', 'top_up', 'grant', 'refund', 'dispute', 'correction',
                     'repayment')
        AND (kind NOT IN ('debit', 'usage') OR amount < 0)
        AND CASE WHEN kind = 'correction' THEN num_nonnulls(event_id, operator, hold_id, debit_id, usage_id) <= 1
                 WHEN kind = 'expiry' AND amount < 0 THEN num_nonnulls(event_id, operator, hold_id, debit_id, usage_id) = 0
                 ELSE num_nonnulls(event_id, operator, hold_id, debit_id, usage_id) = 1 END
        AND (kind IN ('settlement', 'repayment') OR (kind = 'expiry' AND amount > 0)) = (hold_id IS NOT NULL)
        AND (kind = 'debit') = (debit_id IS NOT NULL)
        AND (usage_id IS NULL OR kind IN ('usage', 'correction')) AND (usage_id IS NOT NULL OR kind <> 'usage')
        AND jsonb_typeof(lots) = 'object';
END $$;

ALTER TABLE tollgate.credit_entry
    ADD COLUMN usage_id text COLLATE "C",
    DROP CONSTRAINT credit_entry_is_sound,
    ADD CONSTRAINT credit_entry_is_sound CHECK (tollgate.credit_entry_is_sound(
        number, previous_balance, amount, balance, kind, event_id, operator, lots, hold_id, debit_id, usage_id))
        NOT VALID;

DROP FUNCTION tollgate.credit_entry_is_sound(
    bigint, bigint, bigint, bigint, text, text, text, jsonb, text, text);

COMMENT ON COLUMN tollgate.credit_entry.usage_id IS 'The record of the call that was charged.';

ALTER TABLE tollgate.access_change
    ADD COLUMN usage_id text COLLATE "C",
    DROP CONSTRAINT access_change_cause,
    ADD CONSTRAINT access_change_cause CHECK (
        cause IN ('event', 'operator', 'hold', 'debit', 'usage', 'time', 'configuration')
        AND (cause = 'hold') = (hold_id IS NOT NULL) AND (cause = 'debit') = (debit_id IS NOT NULL)
        AND (cause = 'usage') = (usage_id IS NOT NULL)) NOT VALID;

-- A hold may be for what a call was estimated to cost.
ALTER TABLE tollgate.hold
    ADD COLUMN estimate jsonb,
    ADD CONSTRAINT hold_estimate CHECK (jsonb_typeof(estimate) = 'object') NOT VALID;

COMMENT ON COLUMN tollgate.hold.estimate IS 'The call that the amount was estimated for; NULL if the amount was asked for.';

-- Rates that were approved for a time that had passed: calls of that time are priced again, and the difference is posted.
CREATE TABLE tollgate.rate_correction (
    draft_id    text COLLATE "C" PRIMARY KEY REFERENCES tollgate.rate_draft (id),
    since       timestamptz NOT NULL,
    providers   jsonb NOT NULL CHECK (jsonb_typeof(providers) = 'array'),
    after_id    text COLLATE "C" NOT NULL DEFAULT '',
    examined    bigint NOT NULL DEFAULT 0 CHECK (examined >= 0),
    corrected   bigint NOT NULL DEFAULT 0 CHECK (corrected BETWEEN 0 AND examined),
    failed      bigint NOT NULL DEFAULT 0 CHECK (failed BETWEEN 0 AND examined),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);

COMMENT ON TABLE tollgate.rate_correction IS 'How far calls have been priced again after rates changed for the past.';
COMMENT ON COLUMN tollgate.rate_correction.since IS 'The earliest instant from which one of the rates holds.';
COMMENT ON COLUMN tollgate.rate_correction.after_id IS 'The last record that was looked at, in the order of ids.';
COMMENT ON COLUMN tollgate.rate_correction.failed IS 'Calls that can no longer be priced: they stay as they are.';
