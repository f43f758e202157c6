-- SPDX-License-Identifier: Apache-2.0
-- An event that failed and cannot be mended ends as ignored, with the detail `dismissed`; what was wrong with it stays to be
-- seen.

-- Whatever the check before it let through passes this one as well: no row need be read.
ALTER TABLE tollgate.event_work
    DROP CONSTRAINT event_work_check3,
    ADD CONSTRAINT event_work_error CHECK (
        status NOT IN ('processed', 'ignored') OR error IS NULL OR (status = 'ignored' AND detail = 'dismissed')
    ) NOT VALID;

COMMENT ON COLUMN tollgate.replay.matched IS 'How many events it is about: fewer once one of them is dismissed.';
COMMENT ON COLUMN tollgate.replay.skipped IS
    'How many more matched, but had lost their payload to retention, or were dismissed before their turn.';
