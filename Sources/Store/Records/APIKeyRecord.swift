// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// An API key as operators see it.
package struct APIKeyRecord: Sendable, Hashable {
    package let id: String
    package let customer: String
    package let label: String?
    /// Nil if it was imported.
    package let last4: String?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package let isDisabled: Bool
    /// At most a minute late.
    package let lastUsedAt: Timestamp?

    static let columns: SQL =
        "k.id, k.customer_id, k.label, k.last4, k.created_at, k.expires_at, k.is_disabled, k.last_used_at"

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        customer = try row["customer_id"]
        label = try row["label"]
        last4 = try row["last4"]
        createdAt = try row["created_at"]
        expiresAt = try row["expires_at"]
        isDisabled = try row["is_disabled"]
        lastUsedAt = try row["last_used_at"]
    }
}
