-- SPDX-License-Identifier: Apache-2.0
-- Retention, and replays of many events at once.

-- Retention walks it from the oldest entry: what is pruned is no longer in it.
CREATE INDEX event_unpruned ON tollgate.event (received_at, id) WHERE payload IS NOT NULL;

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

COMMENT ON COLUMN tollgate.replay.matched IS 'How many events it is about, fixed when it was made.';
COMMENT ON COLUMN tollgate.replay.skipped IS 'How many more matched, but had lost their payload to retention.';
COMMENT ON COLUMN tollgate.replay.finished_at IS 'When the last event that it queued had ended.';

CREATE INDEX replay_unfinished ON tollgate.replay (created_at, id) WHERE finished_at IS NULL;

-- The events of a replay that have not ended yet. Retention leaves them alone.
CREATE TABLE tollgate.replay_event (
    replay_id text COLLATE "C" NOT NULL REFERENCES tollgate.replay (id),
    event_id  text COLLATE "C" NOT NULL REFERENCES tollgate.event (id),
    attempt   integer CHECK (attempt > 0),
    PRIMARY KEY (replay_id, event_id)
);

COMMENT ON COLUMN tollgate.replay_event.attempt IS
    'The attempt from which on its end counts for the replay; NULL until it is queued.';

CREATE INDEX replay_event_of_event ON tollgate.replay_event (event_id);
CREATE INDEX replay_event_queued ON tollgate.replay_event (replay_id, event_id) WHERE attempt IS NOT NULL;
