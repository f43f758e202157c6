-- SPDX-License-Identifier: Apache-2.0
-- What Stripe did not send is asked for: by operators, and from time to time by itself. How far that is outlives the
-- process that does it.

-- Who does what only one process may do while it waits for somebody else's answer: no lock outlives its transaction.
CREATE TABLE tollgate.lease (
    task    text PRIMARY KEY CHECK (task IN ('reconciliation', 'fetches')),
    holder  text NOT NULL DEFAULT '',
    ends_at timestamptz NOT NULL DEFAULT 'epoch'
);

INSERT INTO tollgate.lease (task) VALUES ('reconciliation');

COMMENT ON TABLE tollgate.lease IS 'A row for each task that one process does for some time, until it lets go or dies.';

-- An operator's request for all events that Stripe has of a span of time.
CREATE TABLE tollgate.backfill (
    id          text COLLATE "C" PRIMARY KEY DEFAULT 'bkf_' || replace(gen_random_uuid()::text, '-', '')
                CHECK (id ~ '^bkf_[0-9a-f]{32}$'),
    status      text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed', 'canceled')),
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    is_dry_run  boolean NOT NULL,
    operator    text NOT NULL,
    listed      bigint NOT NULL DEFAULT 0,
    stored      bigint NOT NULL DEFAULT 0 CHECK (stored >= 0),
    known       bigint NOT NULL DEFAULT 0 CHECK (known >= 0),
    error       text,
    holder      text,
    held_until  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz CHECK (finished_at >= created_at),
    CHECK (since < until),
    CHECK (CASE WHEN is_dry_run THEN stored = 0 AND known <= listed ELSE stored + known = listed END),
    CHECK ((status = 'running') = (finished_at IS NULL)),
    CHECK ((holder IS NULL) = (held_until IS NULL)),
    CHECK ((status = 'failed') = (error IS NOT NULL))
);

COMMENT ON TABLE tollgate.backfill IS 'Operators'' requests for all events that Stripe has of a span of time.';
COMMENT ON COLUMN tollgate.backfill.known IS 'How many of those listed were in the inbox already.';
COMMENT ON COLUMN tollgate.backfill.held_until IS 'Until then no other process than the holder does it.';

CREATE UNIQUE INDEX backfill_running ON tollgate.backfill ((true)) WHERE status = 'running';
CREATE INDEX backfill_newest ON tollgate.backfill (created_at DESC, id DESC);

CREATE TABLE tollgate.backfill_type (
    backfill_id text COLLATE "C" NOT NULL REFERENCES tollgate.backfill (id) ON DELETE CASCADE,
    type        text NOT NULL,
    listed      bigint NOT NULL CHECK (listed > 0),
    missing     bigint NOT NULL CHECK (missing BETWEEN 0 AND listed),
    PRIMARY KEY (backfill_id, type)
);

COMMENT ON TABLE tollgate.backfill_type IS 'What a backfill was listed, and how much of that was not in the inbox.';

-- One walk through Stripe's list of the events of one account, page by page. What a page brought is committed together
-- with how far the walk is.
CREATE TABLE tollgate.event_listing (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill_id text COLLATE "C" REFERENCES tollgate.backfill (id) ON DELETE CASCADE,
    account     text COLLATE "C" NOT NULL,
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    after_event text COLLATE "C",
    pages       integer NOT NULL DEFAULT 0 CHECK (pages >= 0),
    restarts    integer NOT NULL DEFAULT 0 CHECK (restarts >= 0),
    tried_at    timestamptz NOT NULL DEFAULT 'epoch',
    finished_at timestamptz,
    error       text,
    CHECK (since < until),
    CHECK (error IS NULL OR finished_at IS NOT NULL)
);

COMMENT ON TABLE tollgate.event_listing IS 'Walks through Stripe''s list of events.';
COMMENT ON COLUMN tollgate.event_listing.backfill_id IS 'NULL: the reconciliation''s.';
COMMENT ON COLUMN tollgate.event_listing.account IS 'acct_…; empty: the account of the key itself.';
COMMENT ON COLUMN tollgate.event_listing.after_event IS
    'The last event of the last page that is durable; NULL before the first.';

COMMENT ON COLUMN tollgate.event_listing.restarts IS 'How often Stripe no longer knew that event.';
COMMENT ON COLUMN tollgate.event_listing.tried_at IS
    'When a page was last asked for: no account keeps another waiting.';

CREATE INDEX event_listing_of_backfill ON tollgate.event_listing (backfill_id, id);
CREATE UNIQUE INDEX event_listing_of_reconciliation ON tollgate.event_listing (account) WHERE backfill_id IS NULL;

-- How far an account's events have been compared with the inbox.
CREATE TABLE tollgate.reconciliation (
    account       text COLLATE "C" PRIMARY KEY,
    covered_until timestamptz,
    succeeded_at  timestamptz,
    failed_at     timestamptz,
    error         text,
    CHECK ((covered_until IS NULL) = (succeeded_at IS NULL)),
    CHECK ((failed_at IS NULL) = (error IS NULL))
);

COMMENT ON TABLE tollgate.reconciliation IS 'How far each account''s events have been compared with the inbox.';

-- What Stripe had and we had not, a minute or more after it happened.
CREATE TABLE tollgate.missed_event (
    event_id text COLLATE "C" PRIMARY KEY REFERENCES tollgate.event (id) ON DELETE CASCADE,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE tollgate.missed_event IS 'Events that had not come by themselves when Stripe was asked for them.';

CREATE INDEX missed_event_newest ON tollgate.missed_event (found_at DESC);

-- Few events came otherwise than by webhook.
CREATE INDEX event_fetched ON tollgate.event (source, received_at DESC, id DESC) WHERE source <> 'webhook';
