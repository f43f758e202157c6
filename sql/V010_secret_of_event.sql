-- SPDX-License-Identifier: Apache-2.0
-- While a webhook secret is rolled, operators see which one Stripe still signs with.

ALTER TABLE tollgate.event ADD COLUMN secret text;

COMMENT ON COLUMN tollgate.event.secret IS
    'The label of the webhook secret that signed it, or its place such as #1; NULL where that is not known.';
