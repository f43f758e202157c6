-- SPDX-License-Identifier: Apache-2.0
-- What one process at a time does is locked by a row: only who may write this table can keep others from it.

CREATE TABLE tollgate.maintenance (
    task text PRIMARY KEY CHECK (task IN ('sweep', 'retention'))
);

INSERT INTO tollgate.maintenance (task) VALUES ('sweep'), ('retention');

COMMENT ON TABLE tollgate.maintenance IS
    'A row for each task that one process at a time does, locked for as long as a step of it takes.';
COMMENT ON COLUMN tollgate.worker.process IS
    'The second key of an advisory lock that a session of the process holds as long as it lives.';
