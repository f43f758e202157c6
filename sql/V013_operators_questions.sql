-- SPDX-License-Identifier: Apache-2.0
-- What operators ask about many at once. Indexes within a migration hold up writes to their table while they are made, a
-- minute for some 50 million rows: CONCURRENTLY is not possible in a transaction. Whoever cannot wait makes them by hand
-- before the upgrade, under the same names.

-- Who is blocked, and why.
CREATE INDEX IF NOT EXISTS account_reason ON tollgate.account (reason, customer_id);

-- Who lost access lately: rows lie in the order of their time, so that a range of pages is enough.
CREATE INDEX IF NOT EXISTS access_change_at ON tollgate.access_change
    USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

-- Whose invoice it is.
CREATE INDEX IF NOT EXISTS invoice_id ON tollgate.invoice (id);
