--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- Credits that have lapsed are taken once: a refund leaves what has lapsed of its purchase, and a late settlement debits
-- first what lapsed when its hold expired. An older version would take the former after all at the next event of the
-- purchase.

-- What a late settlement debits although it had lapsed is added before: then the lapse of each lot sums up.
ALTER TABLE tollgate.credit_entry
    DROP CONSTRAINT credit_entry_cause,
    DROP CONSTRAINT credit_entry_sign,
    ADD CONSTRAINT credit_entry_cause CHECK (
        num_nonnulls(event_id, operator, hold_id, debit_id) = CASE WHEN kind = 'expiry' AND amount < 0 THEN 0 ELSE 1 END
        AND (kind = 'settlement' OR (kind = 'expiry' AND amount > 0)) = (hold_id IS NOT NULL)
        AND (kind = 'debit') = (debit_id IS NOT NULL)),
    ADD CONSTRAINT credit_entry_sign CHECK (kind <> 'debit' OR amount < 0);

-- What has lapsed of a purchase is looked for in its customer's ledger.
CREATE INDEX IF NOT EXISTS credit_entry_lapsed ON tollgate.credit_entry (customer_id) WHERE kind = 'expiry';

ALTER TABLE tollgate.hold
    ADD COLUMN lapsed jsonb CHECK (jsonb_typeof(lapsed) = 'object'),
    ADD CONSTRAINT hold_lapsed CHECK (lapsed IS NULL OR status = 'expired' OR (status = 'settled' AND is_late));

COMMENT ON COLUMN tollgate.hold.lapsed IS
    'What lapsed because its expiry gave it back: credits by lot. A late settlement takes that first. NULL for none.';

CREATE OR REPLACE TRIGGER hold_ends_once BEFORE UPDATE ON tollgate.hold
    FOR EACH ROW WHEN (
        (OLD.status <> 'open'
         AND NOT (NEW.status = 'settled' AND NEW.is_late AND (OLD.status = 'expired' OR OLD.is_by_expiry)))
        OR (OLD.status <> 'open' AND NEW.lapsed IS DISTINCT FROM OLD.lapsed)
        OR (OLD.customer_id, OLD.id, OLD.granted, OLD.parts) <> (NEW.customer_id, NEW.id, NEW.granted, NEW.parts))
    EXECUTE FUNCTION tollgate.hold_stays();

COMMENT ON COLUMN tollgate.purchase.given IS
    'Credits that the ledger of its customer holds for it: spent, left or lapsed. What has lapsed is never taken back.';

-- A debit that may go below zero is no credits: only who ever had some has exhausted them.
ALTER TABLE tollgate.account ADD COLUMN was_granted boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN tollgate.account.was_granted IS 'Whether an operator ever gave credits.';

UPDATE tollgate.account
SET was_granted = true
WHERE customer_id IN (SELECT customer_id FROM tollgate.credit_entry WHERE kind = 'grant' AND amount > 0);

-- Decided again by the sweeper.
UPDATE tollgate.account
SET decided_under = ''
WHERE NOT has_purchased AND NOT was_granted
  AND (reason = 'credits_exhausted' OR upcoming @> '[{"reason": "credits_exhausted"}]');
