-- SPDX-License-Identifier: Apache-2.0
-- Who may call the API: how that changed, and what a metering layer may read about it.

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

COMMENT ON TABLE tollgate.access_change IS
    'The timeline: every change of allowed, reason or until, and every action of an operator, with its cause.';

CREATE INDEX access_change_of_event ON tollgate.access_change (event_id) WHERE event_id IS NOT NULL;
-- Who lost access lately: rows are in order of time, so a range of pages is enough.
CREATE INDEX access_change_at ON tollgate.access_change
    USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

-- Decides nothing: it picks, from the answers stored with the account, the one that holds now. Uses the statement's
-- time rather than the transaction's, so that a reader with a long transaction is right too.
CREATE VIEW tollgate.api_access AS
SELECT a.customer_id, answer.allowed, answer.reason, answer.until, a.credits, answer.version, answer.changed_at
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

COMMENT ON VIEW tollgate.api_access IS
    'Whether each customer may call the API, right at the moment of the query.';
COMMENT ON COLUMN tollgate.api_access.customer_id IS 'The id of the customer at Stripe.';
COMMENT ON COLUMN tollgate.api_access.allowed IS 'Whether the customer may call the API at the moment of the query.';
COMMENT ON COLUMN tollgate.api_access.reason IS 'Why, in a word; docs/rules.md lists them.';
COMMENT ON COLUMN tollgate.api_access.until IS 'When this answer ends by itself; NULL if only an event can end it.';
COMMENT ON COLUMN tollgate.api_access.credits IS 'The balance of prepaid credits; below zero they are owed.';
COMMENT ON COLUMN tollgate.api_access.version IS 'Grows with every change of the answer, credits included.';
COMMENT ON COLUMN tollgate.api_access.changed_at IS 'Since when allowed, reason and until have been the same.';

-- A role belongs to the whole cluster: another database in it may have created it, or be creating it right now.
DO $$
BEGIN
    CREATE ROLE tollgate_reader NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role tollgate_reader not created: this user may not create roles';
END $$;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'tollgate_reader') THEN
        GRANT USAGE ON SCHEMA tollgate TO tollgate_reader;
        GRANT SELECT ON tollgate.api_access TO tollgate_reader;
    END IF;
END $$;
