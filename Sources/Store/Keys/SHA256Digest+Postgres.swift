// SPDX-License-Identifier: Apache-2.0

import Hashing
import Postgres

extension SHA256Digest {
    /// - Throws: `StoreError` for a column of any other length.
    init(_ stored: [UInt8]) throws {
        guard stored.count == SIMD32<UInt8>.scalarCount else { throw StoreError.unknownValue("sha256") }
        self.init(SIMD32(stored))
    }
}
