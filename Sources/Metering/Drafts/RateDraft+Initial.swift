// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateDraft {
    /// Anthropic's models as of November 2026, to be approved by an operator.
    /// - Throws: never for the file that is built in, which a test reads.
    package static func initial() throws -> RateDraft {
        try RateDraft(tollgate: JSON(bytes: PackageResources.rates_json))
    }
}
