--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- What lapses of a purchase, or is debited late although it had lapsed, after a refund or dispute changes what those
-- must take. An older version would leave that to the next event of the purchase.

CREATE TABLE tollgate.purchase_recheck (
    -- No foreign key: that would lock the purchase, and whoever spends already has its customer's account locked.
    purchase_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (customer_id, purchase_id)
);

CREATE INDEX purchase_recheck_due ON tollgate.purchase_recheck (due_at);

COMMENT ON TABLE tollgate.purchase_recheck IS
    'Purchases of which something lapsed at a customer, or no longer counts as lapsed, after credits had been taken '
    'back: what they give is decided again soon.';

INSERT INTO tollgate.purchase_recheck (purchase_id, customer_id)
SELECT id, customer_id FROM tollgate.purchase
WHERE expires_at IS NOT NULL AND customer_id IS NOT NULL
  AND (entries > 1 OR facts ?| '{refunds,disputes}' OR facts @? '$.parts.*.refunded');

-- Two purchases that turned out to be one may have given more than it sells, of which some has lapsed.
ALTER TABLE tollgate.purchase
    ADD COLUMN excess bigint NOT NULL DEFAULT 0 CHECK (excess >= 0),
    DROP CONSTRAINT purchase_check1,
    ADD CONSTRAINT purchase_given CHECK (given BETWEEN 0 AND coalesce(credits, 0) + excess);

COMMENT ON COLUMN tollgate.purchase.excess IS
    'Credits that were given beyond what it sells, before two purchases turned out to be one.';

-- What has lapsed, and what was repaid, is looked for in a customer's ledger.
DROP INDEX tollgate.credit_entry_lapsed;
CREATE INDEX IF NOT EXISTS credit_entry_gone ON tollgate.credit_entry (customer_id)
    WHERE kind IN ('expiry', 'repayment');

-- A correction may come with time alone. A repayment says which lots have paid a debt: the balance stays.
CREATE OR REPLACE FUNCTION tollgate.credit_entry_is_sound(
    number bigint, previous_balance bigint, amount bigint, balance bigint, kind text, event_id text, operator text,
    lots jsonb, hold_id text, debit_id text
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN number > 0
        AND (amount = 0) = (kind = 'repayment')
        AND balance = previous_balance + amount
        AND (number > 1 OR previous_balance = 0)
        AND kind IN ('settlement', 'debit', 'expiry', 'top_up', 'grant', 'refund', 'dispute', 'correction',
                     'repayment')
        AND (kind <> 'debit' OR amount < 0)
        AND CASE WHEN kind = 'correction' THEN num_nonnulls(event_id, operator, hold_id, debit_id) <= 1
                 WHEN kind = 'expiry' AND amount < 0 THEN num_nonnulls(event_id, operator, hold_id, debit_id) = 0
                 ELSE num_nonnulls(event_id, operator, hold_id, debit_id) = 1 END
        AND (kind IN ('settlement', 'repayment') OR (kind = 'expiry' AND amount > 0)) = (hold_id IS NOT NULL)
        AND (kind = 'debit') = (debit_id IS NOT NULL)
        AND jsonb_typeof(lots) = 'object';
END $$;
