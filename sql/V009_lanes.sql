-- SPDX-License-Identifier: Apache-2.0
-- The workers of a process share the customers out by it: what several have in hand at once is of different customers, and
-- none waits for another's account.

ALTER TABLE tollgate.event_work ADD COLUMN customer_hash smallint NOT NULL DEFAULT 0;

COMMENT ON COLUMN tollgate.event_work.customer_hash IS
    'Any number from 0, the same for all events of a customer that were stored by one release of PostgreSQL.';
