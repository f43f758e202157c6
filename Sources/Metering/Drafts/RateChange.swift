// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a draft changes of one model, in the format `tollgate`.
package struct RateChange: Hashable, Sendable {
    package let provider: String
    package let model: String
    package let effectiveAt: Timestamp
    /// Such as `cache_read` or `tiers`.
    package let field: String
    /// Nil if there was none; then all fields of a new model are changes.
    package let before: JSON?
    package let after: JSON?
}
