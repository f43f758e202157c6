// SPDX-License-Identifier: Apache-2.0

/// Why a connection string cannot be used, in words that quote nothing of it except keywords that libpq knows.
package struct DataSourceFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String

    package var description: String { reason }

    init(_ reason: String) {
        self.reason = reason
    }
}
