--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- What made spending slow in the database. An older version would not say when lots lapse.

-- Else accounts that an earlier file of this transaction has changed cannot get a column.
SET CONSTRAINTS ALL IMMEDIATE;

-- Each hold moved its account's time in an index, and so made every index of the account take a new entry. Holds that
-- end by themselves are found by an index of theirs.
ALTER TABLE tollgate.account ADD COLUMN lapses_at timestamptz;

COMMENT ON COLUMN tollgate.account.lapses_at IS 'When the first lot lapses that is not all held.';

UPDATE tollgate.account
SET lapses_at = (SELECT min(l.expires_at)
                 FROM jsonb_to_recordset(lots) AS l (remaining bigint, held bigint, expires_at timestamptz)
                 WHERE l.remaining > l.held)
WHERE due_at IS NOT NULL;

DROP INDEX tollgate.account_due;
CREATE INDEX IF NOT EXISTS account_lapsing ON tollgate.account (lapses_at) WHERE lapses_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS hold_ending ON tollgate.hold (expires_at) WHERE status = 'open';

-- Room for the next version of a row beside it.
ALTER TABLE tollgate.account SET (fillfactor = 80);

-- Each statement that writes a table prepares all of its checks anew. A function of PL/pgSQL is prepared once for each
-- session. The rules are the same as before.

CREATE OR REPLACE FUNCTION tollgate.lots_add_up(lots jsonb, balance bigint, owed bigint, kept bigint) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT balance = sum(remaining) - owed AND kept = sum(held) AND bool_and(held BETWEEN 0 AND remaining)
               AND bool_and(remaining > 0) AND (owed = 0 OR sum(remaining) = sum(held))
        FROM jsonb_to_recordset(lots) AS l (remaining bigint, held bigint));
END $$;

CREATE OR REPLACE FUNCTION tollgate.sum_of_parts(parts jsonb) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT coalesce(sum(amount), 0)::bigint FROM jsonb_to_recordset(parts) AS p (amount bigint));
END $$;

-- As in a check, NULL is no violation.
CREATE FUNCTION tollgate.account_is_sound(
    customer_id text, override_allowed boolean, override_reason text, override_until timestamptz,
    override_operator text, override_set_at timestamptz, credits bigint, last_entry bigint, allowed boolean,
    reason text, until timestamptz, version bigint, upcoming jsonb, lots jsonb, debt bigint, held bigint
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN customer_id ~ '^[A-Za-z0-9_-]+$' AND length(customer_id) <= 255
        AND num_nulls(override_allowed, override_reason, override_operator, override_set_at) IN (0, 4)
        AND (override_until IS NULL OR override_allowed IS NOT NULL)
        -- A reason fits its answer.
        AND CASE WHEN allowed
                 THEN reason IN ('credits', 'subscription_active', 'invoice_paid', 'grace_period', 'override_allow')
                 ELSE reason IN ('payment_overdue', 'credits_exhausted', 'no_subscription', 'subscription_ended',
                                 'disputed', 'override_deny', 'customer_deleted') END
        AND version >= 0
        AND jsonb_typeof(upcoming) = 'array'
        AND (until IS NULL) = (upcoming = '[]')
        AND (last_entry IS NOT NULL OR credits = 0)
        -- The balance is what remains in the lots less the debt, and nothing is free while something is owed.
        AND debt >= 0
        AND jsonb_typeof(lots) = 'array'
        AND CASE jsonb_array_length(lots)
                WHEN 0 THEN credits = -debt AND held = 0
                WHEN 1 THEN credits = (lots -> 0 ->> 'remaining')::bigint - debt
                            AND held = (lots -> 0 ->> 'held')::bigint
                            AND held BETWEEN 0 AND credits + debt AND credits + debt > 0
                            AND (debt = 0 OR credits + debt = held)
                ELSE tollgate.lots_add_up(lots, credits, debt, held) END;
END $$;

ALTER TABLE tollgate.account
    DROP CONSTRAINT account_customer_id_check, DROP CONSTRAINT account_check, DROP CONSTRAINT account_check1,
    DROP CONSTRAINT account_reason, DROP CONSTRAINT account_version_check, DROP CONSTRAINT account_upcoming_check,
    DROP CONSTRAINT account_check3, DROP CONSTRAINT account_check2, DROP CONSTRAINT account_debt_check,
    DROP CONSTRAINT account_lots_check, DROP CONSTRAINT account_lots,
    ADD CONSTRAINT account_is_sound CHECK (tollgate.account_is_sound(
        customer_id, override_allowed, override_reason, override_until, override_operator, override_set_at, credits,
        last_entry, allowed, reason, until, version, upcoming, lots, debt, held));

CREATE FUNCTION tollgate.hold_is_sound(
    id text, status text, amount bigint, minimum bigint, ttl bigint, on_expiry text, metadata jsonb, granted bigint,
    parts jsonb, available bigint, created_at timestamptz, expires_at timestamptz, ended_at timestamptz, debited bigint,
    is_late boolean, is_by_expiry boolean, settled_credits bigint, settled_available bigint, lapsed jsonb
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN id ~ '^[A-Za-z0-9_-]+$' AND length(id) <= 255
        AND status IN ('open', 'settled', 'released', 'expired')
        AND amount BETWEEN 1 AND 1000000000000000
        AND minimum > 0
        AND granted BETWEEN minimum AND amount
        AND ttl BETWEEN 1 AND 86400
        AND on_expiry IN ('release', 'settle')
        AND jsonb_typeof(metadata) = 'object'
        AND jsonb_typeof(parts) = 'array'
        AND granted = CASE jsonb_array_length(parts) WHEN 1 THEN (parts -> 0 ->> 'amount')::bigint
                      ELSE tollgate.sum_of_parts(parts) END
        AND available >= 0
        AND expires_at > created_at
        AND (status = 'open') = (ended_at IS NULL)
        AND (status = 'settled') = (debited IS NOT NULL)
        AND debited >= 0
        AND num_nulls(debited, is_late, is_by_expiry, settled_credits, settled_available) IN (0, 5)
        AND NOT (is_late AND is_by_expiry)
        AND jsonb_typeof(lapsed) = 'object'
        AND (lapsed IS NULL OR status = 'expired' OR (status = 'settled' AND is_late));
END $$;

ALTER TABLE tollgate.hold
    DROP CONSTRAINT hold_id_check, DROP CONSTRAINT hold_status_check, DROP CONSTRAINT hold_amount_check,
    DROP CONSTRAINT hold_minimum_check, DROP CONSTRAINT hold_check, DROP CONSTRAINT hold_ttl_check,
    DROP CONSTRAINT hold_on_expiry_check, DROP CONSTRAINT hold_metadata_check, DROP CONSTRAINT hold_parts_check,
    DROP CONSTRAINT hold_check6, DROP CONSTRAINT hold_available_check, DROP CONSTRAINT hold_check1,
    DROP CONSTRAINT hold_check2, DROP CONSTRAINT hold_check3, DROP CONSTRAINT hold_debited_check,
    DROP CONSTRAINT hold_check4, DROP CONSTRAINT hold_check5, DROP CONSTRAINT hold_lapsed_check,
    DROP CONSTRAINT hold_lapsed,
    ADD CONSTRAINT hold_is_sound CHECK (tollgate.hold_is_sound(
        id, status, amount, minimum, ttl, on_expiry, metadata, granted, parts, available, created_at, expires_at,
        ended_at, debited, is_late, is_by_expiry, settled_credits, settled_available, lapsed));

CREATE FUNCTION tollgate.credit_entry_is_sound(
    number bigint, previous_balance bigint, amount bigint, balance bigint, kind text, event_id text, operator text,
    lots jsonb, hold_id text, debit_id text
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN number > 0
        AND amount <> 0
        AND balance = previous_balance + amount
        AND (number > 1 OR previous_balance = 0)
        AND kind IN ('settlement', 'debit', 'expiry', 'top_up', 'grant', 'refund', 'dispute', 'correction')
        AND (kind <> 'debit' OR amount < 0)
        AND num_nonnulls(event_id, operator, hold_id, debit_id)
            = CASE WHEN kind = 'expiry' AND amount < 0 THEN 0 ELSE 1 END
        AND (kind = 'settlement' OR (kind = 'expiry' AND amount > 0)) = (hold_id IS NOT NULL)
        AND (kind = 'debit') = (debit_id IS NOT NULL)
        AND jsonb_typeof(lots) = 'object';
END $$;

ALTER TABLE tollgate.credit_entry
    DROP CONSTRAINT credit_entry_number_check, DROP CONSTRAINT credit_entry_amount_check,
    DROP CONSTRAINT credit_entry_check, DROP CONSTRAINT credit_entry_check1, DROP CONSTRAINT credit_entry_kind,
    DROP CONSTRAINT credit_entry_sign, DROP CONSTRAINT credit_entry_cause, DROP CONSTRAINT credit_entry_lots_check,
    ADD CONSTRAINT credit_entry_is_sound CHECK (tollgate.credit_entry_is_sound(
        number, previous_balance, amount, balance, kind, event_id, operator, lots, hold_id, debit_id));

SET CONSTRAINTS ALL DEFERRED;
