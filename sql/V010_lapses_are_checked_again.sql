--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- What lapses of a purchase, or is debited late although it had lapsed, after a refund or dispute changes what those must
-- take. An older version would leave that to the next event of the purchase.

CREATE TABLE tollgate.purchase_recheck (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- No foreign key: that would lock the purchase, and whoever spends already has its customer's account locked.
    purchase_id text NOT NULL,
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX purchase_recheck_due ON tollgate.purchase_recheck (due_at);

COMMENT ON TABLE tollgate.purchase_recheck IS
    'Purchases of which something lapsed, or no longer counts as lapsed, after credits had been taken back: what they '
    'give is decided again soon.';

INSERT INTO tollgate.purchase_recheck (purchase_id)
SELECT id FROM tollgate.purchase
WHERE expires_at IS NOT NULL AND (entries > 1 OR facts ?| '{refunds,disputes}' OR facts @? '$.parts.*.refunded');

-- Two purchases that turned out to be one may have given more than it sells, all of which had lapsed.
ALTER TABLE tollgate.purchase
    ADD COLUMN excess bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT purchase_excess CHECK (excess >= 0 AND (excess = 0 OR given = credits));

COMMENT ON COLUMN tollgate.purchase.excess IS
    'Credits that the ledger holds for it beyond what it sells, because they had lapsed when two purchases turned out to '
    'be one.';

-- A correction may come with time alone.
CREATE OR REPLACE FUNCTION tollgate.credit_entry_is_sound(
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
        AND CASE WHEN kind = 'correction' THEN num_nonnulls(event_id, operator, hold_id, debit_id) <= 1
                 WHEN kind = 'expiry' AND amount < 0 THEN num_nonnulls(event_id, operator, hold_id, debit_id) = 0
                 ELSE num_nonnulls(event_id, operator, hold_id, debit_id) = 1 END
        AND (kind = 'settlement' OR (kind = 'expiry' AND amount > 0)) = (hold_id IS NOT NULL)
        AND (kind = 'debit') = (debit_id IS NOT NULL)
        AND jsonb_typeof(lots) = 'object';
END $$;
