-- SPDX-License-Identifier: Apache-2.0
-- What Stripe sent, and what happened to it: the inbox, the work on it, and what operators request to be done again.

COMMENT ON TABLE tollgate.migration IS 'Which files of the schema have been applied, and when.';

-- Immutable, except for the payload that retention removes. Rows of events that could not be decoded have no type.
CREATE TABLE tollgate.event (
    id          text COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
    type        text,
    created     timestamptz,
    livemode    boolean,
    account     text,
    api_version text,
    customer_id text COLLATE "C",
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload     bytea COMPRESSION lz4,
    secret      text,
    CHECK ((type IS NULL) = (created IS NULL))
);

COMMENT ON TABLE tollgate.event IS 'Every event that Stripe sent, once, under its id.';
COMMENT ON COLUMN tollgate.event.payload IS 'The exact bytes that were signed; NULL once pruned.';
-- While a webhook secret is rolled, operators see which one Stripe still signs with.
COMMENT ON COLUMN tollgate.event.secret IS
    'The label of the webhook secret that signed it, or its position such as #1; NULL if unknown.';

-- Retention finds old events through it as well.
CREATE INDEX event_received ON tollgate.event (received_at DESC, id DESC);

-- A B-tree of a customer's events made up a third of the cost of storing an event: each went to another page of it. A
-- filter per range of pages costs next to nothing and finds the few ranges that may contain a customer's events. 64
-- pages hold about 300 events; of a thousand ranges without the customer, one is read in vain.
CREATE INDEX event_of_customer ON tollgate.event
    USING brin (customer_id text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.001))
    WITH (pages_per_range = 64, autosummarize = on);

-- The mutable side of an event, in small rows. Every event leaves one dead version here: vacuum before a fifth of the
-- table is dead.
--
-- An event whose process died while holding others too is a suspect; crashes that it causes alone are counted.
--
-- The workers of a process divide the customers by customer_hash: what several hold at once belongs to different
-- customers, and none waits for another's account.
CREATE TABLE tollgate.event_work (
    event_id      text COLLATE "C" PRIMARY KEY REFERENCES tollgate.event (id) ON DELETE CASCADE,
    status        text NOT NULL CHECK (status IN ('pending', 'processed', 'ignored', 'failed', 'quarantined')),
    attempts      integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    run_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    detail        text,
    error         text,
    requested_by  text,
    crashes       integer NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    customer_hash smallint NOT NULL DEFAULT 0,
    CHECK (status <> 'ignored' OR detail IS NOT NULL),
    CHECK (status IN ('processed', 'ignored') OR detail IS NULL),
    CHECK (status NOT IN ('failed', 'quarantined') OR error IS NOT NULL),
    CHECK (requested_by IS NULL OR status = 'pending'),
    -- An event that failed and cannot be fixed ends as ignored, with the detail `dismissed`; what was wrong with it
    -- stays visible.
    CONSTRAINT event_work_error CHECK (
        status NOT IN ('processed', 'ignored') OR error IS NULL OR (status = 'ignored' AND detail = 'dismissed')
    )
) WITH (autovacuum_vacuum_scale_factor = 0.05);

COMMENT ON TABLE tollgate.event_work IS 'The state of each event: one row per event, changed as it is worked on.';
COMMENT ON COLUMN tollgate.event_work.detail IS
    'Why the event was ignored, or what is worth knowing although it was processed.';
COMMENT ON COLUMN tollgate.event_work.requested_by IS 'The operator who requested the pending attempt.';
COMMENT ON COLUMN tollgate.event_work.crashes IS
    '0: not a suspect; 1: its process died while it held the event; above: one less than this died of it alone.';
COMMENT ON COLUMN tollgate.event_work.customer_hash IS
    'Any number from 0, the same for all events of a customer that were stored by one release of PostgreSQL.';

CREATE INDEX event_work_runnable ON tollgate.event_work (run_at, event_id) WHERE status = 'pending' AND crashes = 0;
-- Those that are most likely innocent come first.
CREATE INDEX event_work_suspect ON tollgate.event_work (crashes, run_at, event_id)
    WHERE status = 'pending' AND crashes > 0;
CREATE INDEX event_work_trouble ON tollgate.event_work (status, event_id) WHERE status IN ('failed', 'quarantined');

-- An attempt belongs to the work on an event, whose row the worker locks anyway. A check against the event itself would
-- lock that row, and so write its page, with a payload that nothing else writes again.
CREATE TABLE tollgate.event_attempt (
    event_id    text COLLATE "C" NOT NULL REFERENCES tollgate.event_work (event_id) ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number > 0),
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL CHECK (finished_at >= started_at),
    outcome     text NOT NULL CHECK (outcome IN ('processed', 'ignored', 'failed', 'quarantined', 'retry')),
    message     text,
    operator    text,
    PRIMARY KEY (event_id, number)
);

COMMENT ON TABLE tollgate.event_attempt IS 'Every attempt at an event, how it ended, and who requested it.';
COMMENT ON COLUMN tollgate.event_attempt.operator IS 'Who requested the replay; NULL if nobody did.';

-- Who is working on what, recorded before it is touched: after a process dies, the next one knows what it died of.
CREATE TABLE tollgate.worker (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process    integer NOT NULL,
    events     text[] NOT NULL DEFAULT '{}',
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE tollgate.worker IS 'Who is working on which events: after a process dies, what it died of.';
COMMENT ON COLUMN tollgate.worker.process IS
    'The second key of an advisory lock that a session of the process holds as long as it lives.';

-- An operator's request to run again all events that matched a filter at that moment.
CREATE TABLE tollgate.replay (
    id             text COLLATE "C" PRIMARY KEY DEFAULT 'rpl_' || replace(gen_random_uuid()::text, '-', '')
                   CHECK (id ~ '^rpl_[0-9a-f]{32}$'),
    status         text NOT NULL CHECK (status IN ('running', 'done', 'canceled')),
    event_status   text NOT NULL CHECK (event_status IN ('processed', 'ignored', 'failed', 'quarantined')),
    event_type     text,
    customer_id    text COLLATE "C",
    created_after  timestamptz,
    created_before timestamptz,
    operator       text NOT NULL,
    matched        bigint NOT NULL CHECK (matched >= 0),
    skipped        bigint NOT NULL CHECK (skipped >= 0),
    queued         bigint NOT NULL DEFAULT 0 CHECK (queued BETWEEN 0 AND matched),
    processed      bigint NOT NULL DEFAULT 0 CHECK (processed >= 0),
    ignored        bigint NOT NULL DEFAULT 0 CHECK (ignored >= 0),
    failed         bigint NOT NULL DEFAULT 0 CHECK (failed >= 0),
    quarantined    bigint NOT NULL DEFAULT 0 CHECK (quarantined >= 0),
    ended          bigint NOT NULL GENERATED ALWAYS AS (processed + ignored + failed + quarantined) STORED,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at    timestamptz CHECK (finished_at >= created_at),
    CHECK (ended <= queued),
    CHECK (finished_at IS NULL OR ended = queued),
    CHECK (status <> 'running' OR finished_at IS NULL),
    CHECK (status <> 'done' OR (finished_at IS NOT NULL AND queued = matched))
);

COMMENT ON TABLE tollgate.replay IS 'Operators'' requests to run many events again.';
COMMENT ON COLUMN tollgate.replay.matched IS 'How many events it covers: fewer once one of them is dismissed.';
COMMENT ON COLUMN tollgate.replay.skipped IS
    'How many more matched, but had lost their payload to retention, or were dismissed before their turn.';
COMMENT ON COLUMN tollgate.replay.finished_at IS 'When the last event that it queued had ended.';

CREATE INDEX replay_unfinished ON tollgate.replay (created_at, id) WHERE finished_at IS NULL;

-- The events of a replay that have not ended yet. Retention leaves them alone.
CREATE TABLE tollgate.replay_event (
    replay_id text COLLATE "C" NOT NULL REFERENCES tollgate.replay (id),
    event_id  text COLLATE "C" NOT NULL REFERENCES tollgate.event (id),
    attempt   integer CHECK (attempt > 0),
    PRIMARY KEY (replay_id, event_id)
);

COMMENT ON TABLE tollgate.replay_event IS 'The events of a replay that have not ended yet.';
COMMENT ON COLUMN tollgate.replay_event.attempt IS
    'The attempt from which on its end counts for the replay; NULL until it is queued.';

CREATE INDEX replay_event_of_event ON tollgate.replay_event (event_id);
CREATE INDEX replay_event_queued ON tollgate.replay_event (replay_id, event_id) WHERE attempt IS NOT NULL;

-- What only one process may do at a time is locked by a row: only a role that may write this table can block others.
CREATE TABLE tollgate.maintenance (
    task text PRIMARY KEY CHECK (task IN ('sweep', 'retention'))
);

INSERT INTO tollgate.maintenance (task) VALUES ('sweep'), ('retention');

COMMENT ON TABLE tollgate.maintenance IS
    'A row for each task that only one process does at a time, locked while a step of it runs.';
