-- SPDX-License-Identifier: Apache-2.0
-- The inbox: what Stripe sent, and what became of it.

-- Immutable, but for the payload that retention removes. Rows of events that could not be decoded have no type.
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
    CHECK ((type IS NULL) = (created IS NULL))
);

COMMENT ON TABLE tollgate.event IS 'Every event that Stripe sent, once, under its id.';
COMMENT ON COLUMN tollgate.event.payload IS 'The exact bytes that were signed; NULL once pruned.';

CREATE INDEX event_received ON tollgate.event (received_at DESC, id DESC);
CREATE INDEX event_of_customer ON tollgate.event (customer_id, received_at DESC, id DESC)
    WHERE customer_id IS NOT NULL;

-- The mutable side of an event, in small rows.
CREATE TABLE tollgate.event_work (
    event_id     text COLLATE "C" PRIMARY KEY REFERENCES tollgate.event (id) ON DELETE CASCADE,
    status       text NOT NULL CHECK (status IN ('pending', 'processed', 'ignored', 'failed', 'quarantined')),
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    run_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    detail       text,
    error        text,
    requested_by text,
    deaths       integer NOT NULL DEFAULT 0 CHECK (deaths >= 0),
    CHECK (status <> 'ignored' OR detail IS NOT NULL),
    CHECK (status IN ('processed', 'ignored') OR detail IS NULL),
    CHECK (status NOT IN ('failed', 'quarantined') OR error IS NOT NULL),
    CHECK (status NOT IN ('processed', 'ignored') OR error IS NULL),
    CHECK (requested_by IS NULL OR status = 'pending')
);

COMMENT ON COLUMN tollgate.event_work.detail IS
    'Why the event was ignored, or what is worth knowing although it was processed.';
COMMENT ON COLUMN tollgate.event_work.requested_by IS 'The operator who asked for the attempt that is pending.';

COMMENT ON COLUMN tollgate.event_work.deaths IS 'How often a process died while it had the event in hand.';

CREATE INDEX event_work_runnable ON tollgate.event_work (run_at, event_id) WHERE status = 'pending' AND deaths = 0;
CREATE INDEX event_work_suspect ON tollgate.event_work (run_at, event_id) WHERE status = 'pending' AND deaths > 0;
CREATE INDEX event_work_trouble ON tollgate.event_work (status, event_id) WHERE status IN ('failed', 'quarantined');

CREATE TABLE tollgate.event_attempt (
    event_id    text COLLATE "C" NOT NULL REFERENCES tollgate.event (id) ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number > 0),
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL CHECK (finished_at >= started_at),
    outcome     text NOT NULL CHECK (outcome IN ('processed', 'ignored', 'failed', 'quarantined', 'retry')),
    message     text,
    operator    text,
    PRIMARY KEY (event_id, number)
);

COMMENT ON COLUMN tollgate.event_attempt.operator IS 'Who asked for a replay; NULL for an attempt of its own.';

-- Who is at work on what, written before it is touched: after the death of a process the next one knows what it died of.
CREATE TABLE tollgate.worker (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process    integer NOT NULL,
    events     text[] NOT NULL DEFAULT '{}',
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON COLUMN tollgate.worker.process IS
    'The second key of an advisory lock that the process holds as long as it lives.';
