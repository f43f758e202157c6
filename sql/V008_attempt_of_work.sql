-- SPDX-License-Identifier: Apache-2.0
-- An attempt belongs to the work on an event, whose row the worker holds anyway. The check against the event itself
-- locked its row, and so wrote its page, with a payload that nothing else writes again.

ALTER TABLE tollgate.event_attempt
    DROP CONSTRAINT event_attempt_event_id_fkey,
    ADD CONSTRAINT event_attempt_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES tollgate.event_work (event_id) ON DELETE CASCADE;
