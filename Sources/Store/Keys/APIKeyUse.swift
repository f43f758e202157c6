// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// When an API key was last used.
package struct APIKeyUse: Sendable, Hashable {
    package let id: String
    package let at: Timestamp

    package init(id: String, at: Timestamp) {
        self.id = id
        self.at = at
    }

    static let rows = Unnest<APIKeyUse> {
        Column.key("id", \.id)
        Column("last_used_at", \.at)
    }
}
