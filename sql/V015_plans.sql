-- SPDX-License-Identifier: Apache-2.0
-- What customers are charged for what their calls cost: plans, found by the prices of their subscriptions.

ALTER TABLE tollgate.subscription
    ADD COLUMN prices text,
    ADD CONSTRAINT subscription_prices CHECK (prices ~ '^[0-9]+( [!-~]+)+$');

COMMENT ON COLUMN tollgate.subscription.prices IS
    'The second of the newest event that lists its items, and their prices, separated by spaces; NULL while none of its '
    'own events has come since V015.';

-- A version of a plan. The one that became known last holds for what is priced from then on.
CREATE TABLE tollgate.plan (
    id       text COLLATE "C" PRIMARY KEY DEFAULT 'plan_' || replace(gen_random_uuid()::text, '-', '')
             CHECK (id ~ '^plan_[0-9a-f]{32}$'),
    name     text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    content  jsonb NOT NULL CHECK ((content ->> 'bill' IN ('credits', 'meter', 'none') AND content ->> 'markup' IS NOT NULL
                                    AND jsonb_typeof(content -> 'prices') = 'array') IS TRUE),
    operator text NOT NULL,
    known_at timestamptz NOT NULL,
    UNIQUE (name, known_at)
);

CREATE INDEX plan_known ON tollgate.plan (known_at);

COMMENT ON TABLE tollgate.plan IS 'All versions of the plans by which customers are charged.';

CREATE FUNCTION tollgate.plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of a plan is neither changed nor removed: add another one'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER plan_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tollgate.plan
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.plan_stays();

-- Of whom no price names a plan, unless TOLLGATE_PLAN names another one: credits for what the calls cost.
INSERT INTO tollgate.plan (id, name, content, operator, known_at)
VALUES ('plan_00000000000000000000000000000001', 'default', '{"markup": "1", "bill": "credits", "prices": []}', 'tollgate',
        clock_timestamp());
