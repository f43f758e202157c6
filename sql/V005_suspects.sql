-- SPDX-License-Identifier: Apache-2.0
-- An event that its process died of in the company of others is a suspect; deaths of it alone are counted.

COMMENT ON COLUMN tollgate.event_work.deaths IS
    '0: no suspect; 1: its process died while it had the event in hand; above: so many less one died of it alone.';

-- Those most likely innocent come first.
DROP INDEX tollgate.event_work_suspect;
CREATE INDEX event_work_suspect ON tollgate.event_work (deaths, run_at, event_id)
    WHERE status = 'pending' AND deaths > 0;
