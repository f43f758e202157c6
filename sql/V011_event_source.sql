-- SPDX-License-Identifier: Apache-2.0
-- How an event came. What was stored before this came by webhook, some of it through a spool.

ALTER TABLE tollgate.event
    ADD COLUMN source text NOT NULL DEFAULT 'webhook',
    ADD CONSTRAINT event_source CHECK (source IN ('webhook', 'spool', 'backfill', 'thin', 'refetch'));

COMMENT ON COLUMN tollgate.event.source IS
    'webhook: Stripe sent it; spool: the same, but it waited on a disk first; otherwise Tollgate asked Stripe for it.';
