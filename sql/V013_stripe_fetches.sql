-- SPDX-License-Identifier: Apache-2.0
-- What an event only points to is asked of Stripe, and so is the state of what no event told: by one process at a time,
-- until it is answered.

INSERT INTO tollgate.lease (task) VALUES ('fetches');

-- An event that cannot be read in full without asking Stripe. Once it has been, the event is processed again.
CREATE TABLE tollgate.event_fetch (
    event_id text COLLATE "C" PRIMARY KEY REFERENCES tollgate.event_work (event_id) ON DELETE CASCADE,
    kind     text NOT NULL CHECK (kind IN ('lines', 'thin')),
    run_at   timestamptz DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error    text,
    lines    bytea COMPRESSION lz4,
    CHECK (lines IS NULL OR (kind = 'lines' AND run_at IS NULL AND error IS NULL))
);

COMMENT ON TABLE tollgate.event_fetch IS 'What events point to, and whether Stripe has been asked for it.';
COMMENT ON COLUMN tollgate.event_fetch.kind IS
    'lines: all lines of its invoice or Checkout session; thin: what a thin event is about.';
COMMENT ON COLUMN tollgate.event_fetch.run_at IS 'When Stripe is asked next; NULL: nothing is left to ask.';
COMMENT ON COLUMN tollgate.event_fetch.lines IS 'A JSON array, as Stripe answered.';

CREATE INDEX event_fetch_due ON tollgate.event_fetch (run_at, event_id) WHERE run_at IS NOT NULL;

-- The state of a customer, or of another object, as Stripe's API tells it: taken in as events that the same rules read.
CREATE TABLE tollgate.refetch (
    subject      text COLLATE "C" PRIMARY KEY CHECK (subject ~ '^[A-Za-z0-9_-]+$' AND length(subject) <= 255),
    account      text COLLATE "C",
    cause        text COLLATE "C",
    operator     text,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_at       timestamptz DEFAULT clock_timestamp(),
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error        text,
    found        integer CHECK (found >= 0),
    stored       integer CHECK (stored BETWEEN 0 AND found),
    omissions    text,
    finished_at  timestamptz,
    base         text COLLATE "C",
    turn         integer NOT NULL DEFAULT 0 CHECK (turn >= 0),
    state        text,
    asked        timestamptz,
    CHECK (num_nulls(found, stored, finished_at, base, state, asked) IN (0, 6))
);

COMMENT ON TABLE tollgate.refetch IS 'Customers and other objects whose state is, or was last, asked of Stripe.';
COMMENT ON COLUMN tollgate.refetch.cause IS 'The event because of which it is asked for; NULL: none.';
COMMENT ON COLUMN tollgate.refetch.operator IS 'Who requested it; NULL: nobody, it was time.';
COMMENT ON COLUMN tollgate.refetch.run_at IS 'When Stripe is asked next; NULL: nothing is left to ask.';
COMMENT ON COLUMN tollgate.refetch.base IS 'The newest other event about it that was here when it was last asked for.';
COMMENT ON COLUMN tollgate.refetch.state IS
    'What was found then. A state that comes back after another is told once more: turn counts those of one base.';

COMMENT ON COLUMN tollgate.refetch.asked IS 'When Stripe was last asked for it, by its own clock, or a little earlier.';

CREATE INDEX refetch_due ON tollgate.refetch (run_at, subject) WHERE run_at IS NOT NULL;

-- Finds debts that are old.
CREATE INDEX invoice_debt ON tollgate.invoice (first_failed_at)
    WHERE first_failed_at IS NOT NULL AND status IN ('open', 'uncollectible');
