// SPDX-License-Identifier: Apache-2.0

/// One step of the schema, forward only. Once released, a file never changes: a later one changes the tables.
package struct Migration: Sendable {
    /// 1, 2, 3 … without a gap.
    package let version: Int
    package let name: String
    private let bytes: [UInt8]

    /// - Parameter bytes: its SQL, in UTF-8.
    package init(version: Int, name: String, bytes: [UInt8]) {
        self.version = version
        self.name = name
        self.bytes = bytes
    }

    package var sql: String { String(decoding: bytes, as: UTF8.self) }

    /// The same for a server that was built without lz4: its own way of compressing will do.
    package var sqlWithoutLZ4: String { sql.replacing(" COMPRESSION lz4", with: "") }

    /// Whether programs of before would do wrong with the schema from then on: its first line says so. Else they go on
    /// working while they are replaced one by one.
    package var isBreaking: Bool { sql.hasPrefix("--! breaking-change\n") }
}
