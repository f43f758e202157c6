--! breaking-change
-- SPDX-License-Identifier: Apache-2.0
-- From here on the facts of a purchase also keep to whom an operator assigned it: programs of before would save them without.

-- What one unit of a price costs: parts of it, sold in the middle of a period, then count in proportion.
ALTER TABLE tollgate.price ADD COLUMN unit_amount bigint CHECK (unit_amount > 0);

COMMENT ON COLUMN tollgate.price.unit_amount IS
    'In the currency''s smallest unit; NULL: a proration of it sells nothing.';
