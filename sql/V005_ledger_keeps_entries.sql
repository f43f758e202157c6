-- SPDX-License-Identifier: Apache-2.0
-- Why: the foreign key of an account takes any entry of its ledger as the last one, and TRUNCATE fires no row trigger. So a
-- balance could go back to an earlier entry, and credits that were bought or taken back would no longer count.

CREATE FUNCTION tollgate.account_keeps_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a balance cannot go back from ledger entry % to %', OLD.last_entry, coalesce(NEW.last_entry, 0)
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER account_keeps_entries BEFORE UPDATE ON tollgate.account
    FOR EACH ROW WHEN (coalesce(NEW.last_entry, 0) < coalesce(OLD.last_entry, 0))
    EXECUTE FUNCTION tollgate.account_keeps_entries();

CREATE TRIGGER credit_entry_never_truncated BEFORE TRUNCATE ON tollgate.credit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.credit_entry_stays();
