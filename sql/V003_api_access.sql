-- SPDX-License-Identifier: Apache-2.0
-- What a metering layer may read.

-- Decides nothing: it picks, from the answers stored with the account, the one whose time it is. The statement's
-- time and not the transaction's, so that a reader with a long transaction is right too.
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

-- A role is of the whole cluster: another database of it may have made it, or be making it right now.
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
