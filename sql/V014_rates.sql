-- SPDX-License-Identifier: Apache-2.0
-- What models cost. A rate is proposed in a draft and charges nothing until an operator has approved it; what was approved
-- never changes, so that what was charged by it can be computed again.

CREATE TABLE tollgate.rate_draft (
    id          text COLLATE "C" PRIMARY KEY DEFAULT 'rtd_' || replace(gen_random_uuid()::text, '-', '')
                CHECK (id ~ '^rtd_[0-9a-f]{32}$'),
    content     jsonb NOT NULL,
    operator    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    approved_by text,
    approved_at timestamptz CHECK (approved_at >= created_at),
    CHECK (CASE WHEN jsonb_typeof(content -> 'rates') = 'array' THEN jsonb_array_length(content -> 'rates') > 0
           ELSE false END),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);

COMMENT ON TABLE tollgate.rate_draft IS 'Rates that were proposed.';
COMMENT ON COLUMN tollgate.rate_draft.content IS '{"rates": [...]}, as docs/usage.md describes them.';

CREATE INDEX rate_draft_newest ON tollgate.rate_draft (created_at DESC, id DESC);

CREATE FUNCTION tollgate.rate_draft_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a draft of rates is approved once, and neither changed nor removed: propose another one'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER rate_draft_stays BEFORE UPDATE ON tollgate.rate_draft
    FOR EACH ROW WHEN (OLD.approved_at IS NOT NULL OR OLD.id <> NEW.id OR OLD.content <> NEW.content
                       OR OLD.operator <> NEW.operator OR OLD.created_at <> NEW.created_at)
    EXECUTE FUNCTION tollgate.rate_draft_stays();

CREATE TRIGGER rate_draft_kept BEFORE DELETE OR TRUNCATE ON tollgate.rate_draft
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.rate_draft_stays();

-- A version of what a model costs. Of two that hold from the same instant, the one that became known later does.
CREATE TABLE tollgate.rate (
    id           text COLLATE "C" PRIMARY KEY DEFAULT 'rate_' || replace(gen_random_uuid()::text, '-', '')
                 CHECK (id ~ '^rate_[0-9a-f]{32}$'),
    draft_id     text COLLATE "C" NOT NULL REFERENCES tollgate.rate_draft (id),
    provider     text NOT NULL,
    model        text NOT NULL,
    effective_at timestamptz NOT NULL,
    known_at     timestamptz NOT NULL,
    content      jsonb NOT NULL CHECK ((content ->> 'provider' = provider AND content ->> 'model' = model
                                        AND content ->> 'effective_at' IS NOT NULL) IS TRUE),
    UNIQUE (provider, model, effective_at, known_at)
);

CREATE INDEX rate_known ON tollgate.rate (known_at);

COMMENT ON TABLE tollgate.rate IS 'What models cost, from when on, and since when that was known here.';
COMMENT ON COLUMN tollgate.rate.known_at IS 'When its draft was approved.';

CREATE FUNCTION tollgate.rate_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a rate is neither changed nor removed: approve another one for the same instant'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER rate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tollgate.rate
    FOR EACH STATEMENT EXECUTE FUNCTION tollgate.rate_stays();

-- Anthropic's models as of November 2026. Not approved: an operator decides what customers pay by.
INSERT INTO tollgate.rate_draft (id, operator, content)
VALUES ('rtd_00000000000000000000000000000001', 'tollgate', $rates${
  "rates": [
    {
      "provider": "anthropic", "model": "claude-fable-5-1",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "10",
      "output": "50",
      "cache_write_5m": "12.5",
      "cache_write_1h": "20",
      "cache_read": "0.25",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-mythos-5-1",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "10",
      "output": "50",
      "cache_write_5m": "12.5",
      "cache_write_1h": "20",
      "cache_read": "0.25",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-fable-5",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "10",
      "output": "50",
      "cache_write_5m": "12.5",
      "cache_write_1h": "20",
      "cache_read": "1",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-mythos-5",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "10",
      "output": "50",
      "cache_write_5m": "12.5",
      "cache_write_1h": "20",
      "cache_read": "1",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-5-5",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "4",
      "output": "20",
      "cache_write_5m": "5",
      "cache_write_1h": "8",
      "cache_read": "0.2",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-5",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "5",
      "output": "25",
      "cache_write_5m": "6.25",
      "cache_write_1h": "10",
      "cache_read": "0.5",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"},
      "speed": {"fast": "2"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-8",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "5",
      "output": "25",
      "cache_write_5m": "6.25",
      "cache_write_1h": "10",
      "cache_read": "0.5",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"},
      "speed": {"fast": "2"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-7",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "5",
      "output": "25",
      "cache_write_5m": "6.25",
      "cache_write_1h": "10",
      "cache_read": "0.5",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"},
      "speed": {"fast": "6"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-6",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "5",
      "output": "25",
      "cache_write_5m": "6.25",
      "cache_write_1h": "10",
      "cache_read": "0.5",
      "web_search": "10",
      "tiers": [{"above": 200000, "input": "10", "output": "37.5", "cache_write_5m": "12.5", "cache_write_1h": "20", "cache_read": "1"}],
      "batch": "0.5",
      "geo": {"us": "1.1"},
      "speed": {"fast": "6"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-6",
      "effective_at": "2026-03-13T00:00:00Z",
      "input": "5",
      "output": "25",
      "cache_write_5m": "6.25",
      "cache_write_1h": "10",
      "cache_read": "0.5",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"},
      "speed": {"fast": "6"}
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-5",
      "aliases": ["claude-opus-4-5-20251101"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "5",
      "output": "25",
      "cache_write_5m": "6.25",
      "cache_write_1h": "10",
      "cache_read": "0.5",
      "web_search": "10",
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-1",
      "aliases": ["claude-opus-4-1-20250805"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "15",
      "output": "75",
      "cache_write_5m": "18.75",
      "cache_write_1h": "30",
      "cache_read": "1.5",
      "web_search": "10",
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-opus-4-0",
      "aliases": ["claude-opus-4", "claude-opus-4-20250514"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "15",
      "output": "75",
      "cache_write_5m": "18.75",
      "cache_write_1h": "30",
      "cache_read": "1.5",
      "web_search": "10",
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-5-5",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "2",
      "output": "10",
      "cache_write_5m": "2.5",
      "cache_write_1h": "4",
      "cache_read": "0.2",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-5-5",
      "effective_at": "2026-10-07T00:00:00Z",
      "input": "2",
      "output": "10",
      "cache_write_5m": "2.5",
      "cache_write_1h": "4",
      "cache_read": "0.1",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-5",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "2",
      "output": "10",
      "cache_write_5m": "2.5",
      "cache_write_1h": "4",
      "cache_read": "0.2",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-4-6",
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "3",
      "output": "15",
      "cache_write_5m": "3.75",
      "cache_write_1h": "6",
      "cache_read": "0.3",
      "web_search": "10",
      "tiers": [{"above": 200000, "input": "6", "output": "22.5", "cache_write_5m": "7.5", "cache_write_1h": "12", "cache_read": "0.6"}],
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-4-6",
      "effective_at": "2026-03-13T00:00:00Z",
      "input": "3",
      "output": "15",
      "cache_write_5m": "3.75",
      "cache_write_1h": "6",
      "cache_read": "0.3",
      "web_search": "10",
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-4-5",
      "aliases": ["claude-sonnet-4-5-20250929"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "3",
      "output": "15",
      "cache_write_5m": "3.75",
      "cache_write_1h": "6",
      "cache_read": "0.3",
      "web_search": "10",
      "tiers": [{"above": 200000, "input": "6", "output": "22.5", "cache_write_5m": "7.5", "cache_write_1h": "12", "cache_read": "0.6"}],
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-sonnet-4-0",
      "aliases": ["claude-sonnet-4", "claude-sonnet-4-20250514"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "3",
      "output": "15",
      "cache_write_5m": "3.75",
      "cache_write_1h": "6",
      "cache_read": "0.3",
      "web_search": "10",
      "tiers": [{"above": 200000, "input": "6", "output": "22.5", "cache_write_5m": "7.5", "cache_write_1h": "12", "cache_read": "0.6"}],
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-3-7-sonnet",
      "aliases": ["claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "3",
      "output": "15",
      "cache_write_5m": "3.75",
      "cache_write_1h": "6",
      "cache_read": "0.3",
      "web_search": "10",
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-haiku-5-5",
      "effective_at": "2026-10-07T00:00:00Z",
      "input": "0.1",
      "output": "0.5",
      "cache_write_5m": "0.125",
      "cache_write_1h": "0.2",
      "cache_read": "0.01",
      "web_search": "10",
      "tiers": [{"above": 100000, "input": "0.5", "output": "2.5", "cache_write_5m": "0.625", "cache_write_1h": "1", "cache_read": "0.05"}],
      "batch": "0.5",
      "geo": {"us": "1.1"}
    },
    {
      "provider": "anthropic", "model": "claude-haiku-4-5",
      "aliases": ["claude-haiku-4-5-20251001"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "1",
      "output": "5",
      "cache_write_5m": "1.25",
      "cache_write_1h": "2",
      "cache_read": "0.1",
      "web_search": "10",
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-3-5-haiku",
      "aliases": ["claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "0.8",
      "output": "4",
      "cache_write_5m": "1",
      "cache_write_1h": "1.6",
      "cache_read": "0.08",
      "web_search": "10",
      "batch": "0.5"
    },
    {
      "provider": "anthropic", "model": "claude-3-haiku",
      "aliases": ["claude-3-haiku-20240307"],
      "effective_at": "2026-01-01T00:00:00Z",
      "input": "0.25",
      "output": "1.25",
      "cache_write_5m": "0.3",
      "cache_write_1h": "0.5",
      "cache_read": "0.03",
      "batch": "0.5"
    }
  ]
}$rates$);
