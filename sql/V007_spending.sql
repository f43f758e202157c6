--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- Credits that are spent: the lots that they came in, the holds that keep some of them, and debits. An older version
-- would change a balance without its lots.

ALTER TABLE tollgate.account
    ADD COLUMN lots   jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(lots) = 'array'),
    ADD COLUMN debt   bigint NOT NULL DEFAULT 0 CHECK (debt >= 0),
    ADD COLUMN held   bigint NOT NULL DEFAULT 0,
    ADD COLUMN due_at timestamptz;

COMMENT ON COLUMN tollgate.account.lots IS
    'Credits with something left, the oldest first: [{"id", "kind", "purchase", "remaining", "held", "expires_at"}].';
COMMENT ON COLUMN tollgate.account.debt IS 'What was taken beyond what there was; whatever comes pays it first.';
COMMENT ON COLUMN tollgate.account.held IS 'What open holds keep.';
COMMENT ON COLUMN tollgate.account.due_at IS
    'When a lot lapses or a hold ends by itself; never later than the first of them.';

ALTER TABLE tollgate.purchase ADD COLUMN expires_at timestamptz;

COMMENT ON COLUMN tollgate.purchase.expires_at IS 'When its credits lapse, fixed by its first entry; NULL for never.';

-- Until now only negative grants have spent anything. They have spent what was granted before what was bought, and each
-- of those the oldest first.
WITH given AS (
    SELECT p.customer_id, p.id, 'purchase' AS kind, p.id AS purchase, p.given AS amount, e.number
    FROM tollgate.purchase p
    LEFT JOIN tollgate.credit_entry e ON e.business_key = 'purchase:' || p.id || ':1'
    WHERE p.given > 0
    UNION ALL
    SELECT customer_id, 'grant_' || number, 'grant', NULL, amount, number
    FROM tollgate.credit_entry
    WHERE kind = 'grant' AND amount > 0
), balance AS (
    SELECT g.customer_id, sum(g.amount) - a.credits AS spent
    FROM given g JOIN tollgate.account a USING (customer_id)
    GROUP BY g.customer_id, a.credits
), counted AS (
    SELECT g.*, b.spent,
           sum(g.amount) OVER (PARTITION BY g.customer_id ORDER BY g.kind = 'purchase', g.number NULLS LAST, g.id) AS sum
    FROM given g JOIN balance b USING (customer_id)
), lot AS (
    SELECT customer_id, id, kind, purchase, number, least(amount, sum - spent)::bigint AS remaining
    FROM counted
    WHERE sum > spent
)
UPDATE tollgate.account a
SET lots = l.lots
FROM (
    SELECT customer_id, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'id', id, 'kind', kind, 'purchase', purchase, 'remaining', remaining, 'held', 0)) ORDER BY number, id) AS lots
    FROM lot
    GROUP BY customer_id
) l
WHERE l.customer_id = a.customer_id;

UPDATE tollgate.account SET debt = -credits WHERE credits < 0;

-- Should a ledger have been written by hand: what nothing else explains counts as granted.
UPDATE tollgate.account a
SET lots = a.lots || jsonb_build_object('id', 'grant_0', 'kind', 'grant', 'remaining', a.credits - l.sum, 'held', 0)
FROM (
    SELECT a.customer_id, coalesce(sum((lot ->> 'remaining')::bigint), 0)::bigint AS sum
    FROM tollgate.account a LEFT JOIN jsonb_array_elements(a.lots) AS lot ON true
    GROUP BY a.customer_id
) l
WHERE l.customer_id = a.customer_id AND a.credits > l.sum;

-- Always the balance is what remains in the lots less the debt, and nothing is free while something is owed. Nearly
-- every account has no lot or one: a sum over a set takes many times as long as an expression.
CREATE FUNCTION tollgate.lots_add_up(lots jsonb, balance bigint, owed bigint, kept bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT balance = sum(remaining) - owed AND kept = sum(held) AND bool_and(held BETWEEN 0 AND remaining)
           AND bool_and(remaining > 0) AND (owed = 0 OR sum(remaining) = sum(held))
    FROM jsonb_to_recordset(lots) AS l (remaining bigint, held bigint)
$$;

ALTER TABLE tollgate.account ADD CONSTRAINT account_lots CHECK (
    CASE jsonb_array_length(lots)
        WHEN 0 THEN credits = -debt AND held = 0
        WHEN 1 THEN credits = (lots -> 0 ->> 'remaining')::bigint - debt AND held = (lots -> 0 ->> 'held')::bigint
                    AND held BETWEEN 0 AND credits + debt AND credits + debt > 0
                    AND (debt = 0 OR credits + debt = held)
        ELSE tollgate.lots_add_up(lots, credits, debt, held)
    END);

-- Whose lots lapse, and whose holds end by themselves.
CREATE INDEX account_due ON tollgate.account (due_at) WHERE due_at IS NOT NULL;

CREATE FUNCTION tollgate.sum_of_parts(parts jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(amount)::bigint FROM jsonb_to_recordset(parts) AS p (amount bigint)
$$;

CREATE TABLE tollgate.hold (
    customer_id       text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    id                text COLLATE "C" NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]+$' AND length(id) <= 255),
    status            text NOT NULL CHECK (status IN ('open', 'settled', 'released', 'expired')),
    amount            bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
    minimum           bigint NOT NULL CHECK (minimum > 0),
    ttl               bigint NOT NULL CHECK (ttl BETWEEN 1 AND 86400),
    on_expiry         text NOT NULL CHECK (on_expiry IN ('release', 'settle')),
    metadata          jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    granted           bigint NOT NULL CHECK (granted BETWEEN minimum AND amount),
    parts             jsonb NOT NULL CHECK (jsonb_typeof(parts) = 'array'),
    available         bigint NOT NULL CHECK (available >= 0),
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL CHECK (expires_at > created_at),
    ended_at          timestamptz,
    debited           bigint CHECK (debited >= 0),
    is_late           boolean,
    is_by_expiry      boolean,
    settled_credits   bigint,
    settled_available bigint,
    PRIMARY KEY (customer_id, id),
    CHECK ((status = 'open') = (ended_at IS NULL)),
    CHECK ((status = 'settled') = (debited IS NOT NULL)),
    CHECK (num_nulls(debited, is_late, is_by_expiry, settled_credits, settled_available) IN (0, 5)),
    CHECK (NOT (is_late AND is_by_expiry)),
    CHECK (granted = CASE jsonb_array_length(parts) WHEN 1 THEN (parts -> 0 ->> 'amount')::bigint
                     ELSE tollgate.sum_of_parts(parts) END)
) WITH (fillfactor = 70);

COMMENT ON TABLE tollgate.hold IS
    'Credits kept for one call each; ended ones stay, because their ids are never used again.';
COMMENT ON COLUMN tollgate.hold.ttl IS 'As asked for, in seconds.';
COMMENT ON COLUMN tollgate.hold.parts IS 'What it took: [{"lot", "kind", "amount", "expires_at"}], in the order of spending.';
COMMENT ON COLUMN tollgate.hold.available IS 'What else was available once it was made.';
COMMENT ON COLUMN tollgate.hold.is_late IS 'Settled after its expiry.';
COMMENT ON COLUMN tollgate.hold.is_by_expiry IS 'Settled by its expiry, and by no gateway since.';

-- What is open, and when it ends by itself.
CREATE INDEX hold_open ON tollgate.hold (customer_id, expires_at) WHERE status = 'open';

-- A hold ends once. Only a late settlement changes it afterwards, and that once.
CREATE FUNCTION tollgate.hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a hold ends once, and stays' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER hold_ends_once BEFORE UPDATE ON tollgate.hold
    FOR EACH ROW WHEN (
        (OLD.status <> 'open'
         AND NOT (NEW.status = 'settled' AND NEW.is_late AND (OLD.status = 'expired' OR OLD.is_by_expiry)))
        OR (OLD.customer_id, OLD.id, OLD.granted, OLD.parts) <> (NEW.customer_id, NEW.id, NEW.granted, NEW.parts))
    EXECUTE FUNCTION tollgate.hold_stays();

CREATE TRIGGER hold_kept BEFORE DELETE OR TRUNCATE ON tollgate.hold
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.hold_stays();

CREATE TABLE tollgate.debit (
    customer_id    text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    id             text COLLATE "C" NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]+$' AND length(id) <= 255),
    amount         bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
    allow_negative boolean NOT NULL,
    metadata       jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    credits        bigint NOT NULL,
    available      bigint NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (customer_id, id),
    CHECK (allow_negative OR available >= 0)
);

COMMENT ON TABLE tollgate.debit IS 'Credits spent without a hold: what was asked for, and what was answered.';

CREATE FUNCTION tollgate.debit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a debit is made once, and stays' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER debit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON tollgate.debit
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.debit_stays();

-- The ledger tells of spending too.
ALTER TABLE tollgate.credit_entry
    ADD COLUMN lots       jsonb CHECK (jsonb_typeof(lots) = 'object'),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN hold_id    text COLLATE "C",
    ADD COLUMN debit_id   text COLLATE "C",
    DROP CONSTRAINT credit_entry_kind_check,
    DROP CONSTRAINT credit_entry_check2,
    ADD CONSTRAINT credit_entry_kind CHECK (
        kind IN ('top_up', 'grant', 'refund', 'dispute', 'correction', 'settlement', 'debit', 'expiry')),
    ADD CONSTRAINT credit_entry_cause CHECK (
        num_nonnulls(event_id, operator, hold_id, debit_id) = CASE WHEN kind = 'expiry' THEN 0 ELSE 1 END
        AND (kind = 'settlement') = (hold_id IS NOT NULL) AND (kind = 'debit') = (debit_id IS NOT NULL)),
    ADD CONSTRAINT credit_entry_sign CHECK (kind NOT IN ('debit', 'expiry') OR amount < 0);

COMMENT ON COLUMN tollgate.credit_entry.lots IS
    'What it changed in each lot, by its id; the rest of the amount is debt, made or paid. NULL: before there were lots.';
COMMENT ON COLUMN tollgate.credit_entry.expires_at IS 'When the credits that it gave lapse.';

ALTER TABLE tollgate.access_change
    ADD COLUMN hold_id  text COLLATE "C",
    ADD COLUMN debit_id text COLLATE "C",
    DROP CONSTRAINT access_change_cause_check,
    ADD CONSTRAINT access_change_cause CHECK (
        cause IN ('event', 'operator', 'hold', 'debit', 'time', 'configuration')
        AND (cause = 'hold') = (hold_id IS NOT NULL) AND (cause = 'debit') = (debit_id IS NOT NULL));

-- As before, but that what has lapsed is no longer in the balance, also before its entry has been written.
CREATE OR REPLACE VIEW tollgate.api_access AS
SELECT a.customer_id, answer.allowed, answer.reason, answer.until,
       CASE WHEN a.due_at <= statement_timestamp()
            THEN a.credits - (SELECT coalesce(sum(l.remaining - l.held), 0)::bigint
                              FROM jsonb_to_recordset(a.lots)
                                  AS l (remaining bigint, held bigint, expires_at timestamptz)
                              WHERE l.expires_at <= statement_timestamp())
            ELSE a.credits END AS credits,
       answer.version, answer.changed_at
FROM tollgate.account a
CROSS JOIN LATERAL (
    SELECT a.allowed, a.reason, a.until, a.version, a.changed_at
    WHERE a.until IS NULL OR statement_timestamp() < a.until
    UNION ALL
    (SELECT next.allowed, next.reason, next.until, next.version, next."from"
     FROM jsonb_to_recordset(a.upcoming)
         AS next ("from" timestamptz, allowed boolean, reason text, until timestamptz, version bigint)
     WHERE a.until <= statement_timestamp() AND next."from" <= statement_timestamp()
     ORDER BY next."from" DESC
     LIMIT 1)
) answer;

COMMENT ON COLUMN tollgate.api_access.credits IS
    'The balance of prepaid credits, with what is held and without what has lapsed; below zero they are owed.';
COMMENT ON COLUMN tollgate.api_access.version IS
    'Grows with every change of allowed, reason or until, and with credits that come; not with what is spent.';
