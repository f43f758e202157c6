-- SPDX-License-Identifier: Apache-2.0
-- API keys: what a customer's clients show at a gateway. Of a key only its SHA-256 is stored. A deleted one stays, so
-- that it never works again, for nobody.

CREATE TABLE tollgate.api_key (
    id              text COLLATE "C" PRIMARY KEY CHECK (id ~ '^key_[0-9A-Za-z]+$' AND length(id) <= 255),
    customer_id     text COLLATE "C" NOT NULL REFERENCES tollgate.account (customer_id),
    sha256          bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    livemode        boolean NOT NULL,
    label           text CHECK (length(label) BETWEEN 1 AND 500),
    last4           text CHECK (length(last4) = 4),
    expires_at      timestamptz,
    is_disabled     boolean NOT NULL DEFAULT false,
    version         bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by      text NOT NULL,
    deleted_at      timestamptz,
    deleted_by      text,
    rotated_from    text COLLATE "C" REFERENCES tollgate.api_key (id) CHECK (rotated_from <> id),
    idempotency_key text UNIQUE,
    request         jsonb,
    last_used_at    timestamptz,
    CHECK (num_nulls(deleted_at, deleted_by) IN (0, 2)),
    CHECK (num_nulls(idempotency_key, request, last4) IN (0, 3)),
    CHECK (rotated_from IS NULL OR last4 IS NOT NULL)
) WITH (fillfactor = 80);

COMMENT ON TABLE tollgate.api_key IS 'API keys of customers, by SHA-256; deleted ones stay, and never work again.';
COMMENT ON COLUMN tollgate.api_key.livemode IS 'The mode of the service that made or imported it; it works in no other.';
COMMENT ON COLUMN tollgate.api_key.last4 IS 'The end of the key, to tell it from others; NULL if it was imported.';
COMMENT ON COLUMN tollgate.api_key.version IS 'Grows with every change but that of last_used_at.';
COMMENT ON COLUMN tollgate.api_key.request IS 'What was asked for under the idempotency key; NULL if it was imported.';
COMMENT ON COLUMN tollgate.api_key.last_used_at IS 'When it was last shown and known; a minute late.';

-- A customer's keys, the newest first.
CREATE INDEX api_key_of_customer ON tollgate.api_key (customer_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;

-- What a key is and whose stays; once deleted, it stays deleted.
CREATE FUNCTION tollgate.api_key_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an API key is neither removed nor given to another customer, and a deleted one stays deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER api_key_stays BEFORE UPDATE ON tollgate.api_key
    FOR EACH ROW WHEN (OLD.id <> NEW.id OR OLD.customer_id <> NEW.customer_id OR OLD.sha256 <> NEW.sha256
                       OR OLD.livemode <> NEW.livemode OR (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL))
    EXECUTE FUNCTION tollgate.api_key_stays();

CREATE TRIGGER api_key_kept BEFORE DELETE OR TRUNCATE ON tollgate.api_key
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.api_key_stays();
