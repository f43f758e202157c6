// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Postgres

/// What a gateway has to know about an API key.
package struct APIKeyAnswer: Sendable, Hashable {
    package let id: String
    package let customer: String
    package let livemode: Bool
    package let expiresAt: Timestamp?
    /// Disabled or deleted.
    package let isOff: Bool
    /// Grows with every change of the above.
    package let version: Int64

    package init(id: String, customer: String, livemode: Bool, expiresAt: Timestamp?, isOff: Bool, version: Int64) {
        self.id = id
        self.customer = customer
        self.livemode = livemode
        self.expiresAt = expiresAt
        self.isOff = isOff
        self.version = version
    }

    init(_ row: Rows.Row) throws {
        self.init(
            id: try row["id"], customer: try row["customer_id"], livemode: try row["livemode"],
            expiresAt: try row["expires_at"], isOff: try row["is_off"], version: try row["version"])
    }
}
