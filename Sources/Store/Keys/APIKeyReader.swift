// SPDX-License-Identifier: Apache-2.0

import Hashing
import Postgres

/// Reads API keys by their SHA-256, many with one query. Apart from `AccessReader`, so that keys that nobody knows, which
/// are looked up each time, never hold up the reads of flags.
package struct APIKeyReader: Sendable {
    private let reads: GroupCommit<SHA256Digest, APIKeyAnswer?>

    init(_ database: Database) {
        reads = GroupCommit(database, limit: 256, queueLimit: 16_384) { digests, connection in
            let found = try Self.find(Set(digests), connection)
            return digests.map { found[$0] }
        } gaveUp: { _, _ in
            // Each waiting caller gets the failure.
        }
    }

    /// - Parameter answer: called once, from any thread; with nil for a key that was never made or imported.
    package func read(
        _ key: SHA256Digest,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<APIKeyAnswer?, ReadFailure>) -> Void
    ) {
        reads.add(key, by: deadline) { result in answer(result.mapError(ReadFailure.init)) }
    }

    private static func find(
        _ digests: Set<SHA256Digest>,
        _ connection: Connection
    ) throws -> [SHA256Digest: APIKeyAnswer] {
        let rows = try connection.execute(
            """
            SELECT k.sha256, k.id, k.customer_id, k.livemode, k.expires_at,
                   k.is_disabled OR k.deleted_at IS NOT NULL AS is_off, k.version
            FROM tollgate.api_key k
            WHERE k.sha256 = ANY (\(digests.map(\.array)))
            """)
        return try Dictionary(
            rows.map { (try SHA256Digest($0["sha256"]), try APIKeyAnswer($0)) }, uniquingKeysWith: { _, last in last })
    }
}
