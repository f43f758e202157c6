-- SPDX-License-Identifier: Apache-2.0
-- Why: who keeps the answers himself follows what changes. No log is kept: each account says in which transaction it was
-- last told of, and a reader goes on from there with the answer as it is by then.

ALTER TABLE tollgate.account
    ADD COLUMN feed_xid xid8 NOT NULL DEFAULT '0',
    ADD COLUMN feed_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN feed_due boolean NOT NULL DEFAULT false;

-- Of rows to come. As the default of a new column it would rewrite the table.
ALTER TABLE tollgate.account
    ALTER COLUMN feed_xid SET DEFAULT pg_current_xact_id(),
    ALTER COLUMN feed_at SET DEFAULT clock_timestamp();

COMMENT ON COLUMN tollgate.account.feed_xid IS
    'The transaction that last told of a change of the answer or the credits; 0: none has since this column exists.';
COMMENT ON COLUMN tollgate.account.feed_at IS 'When that was.';
COMMENT ON COLUMN tollgate.account.feed_due IS 'Whether the credits have changed since, and are yet to be told of.';

-- A reader takes what is before every transaction that still runs, in this order: so none can appear behind it.
CREATE INDEX IF NOT EXISTS account_feed ON tollgate.account (feed_xid, customer_id);
CREATE INDEX IF NOT EXISTS account_feed_due ON tollgate.account (feed_at) WHERE feed_due;

-- For who does not know of it: a process of before this migration, or somebody's own statement.
CREATE FUNCTION tollgate.account_enters_feed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.feed_xid := pg_current_xact_id();
    NEW.feed_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER account_enters_feed BEFORE UPDATE ON tollgate.account
    FOR EACH ROW WHEN (NEW.feed_xid = OLD.feed_xid AND NOT NEW.feed_due
                       AND (NEW.version <> OLD.version OR NEW.credits <> OLD.credits OR NEW.allowed <> OLD.allowed
                            OR NEW.reason <> OLD.reason OR NEW.until IS DISTINCT FROM OLD.until))
    EXECUTE FUNCTION tollgate.account_enters_feed();
