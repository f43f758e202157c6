// SPDX-License-Identifier: Apache-2.0

import Billing
import Hashing
import Notation
import Postgres

/// What operators read and change about API keys. Every change is announced to all processes.
package struct APIKeyStore: Sendable {
    let database: Database
    let keys: Announcements
    let customers: Announcements

    // MARK: Reading

    /// The keys of a customer that are not deleted, the newest first.
    /// - Parameter startingAfter: the id of the last one on the previous page.
    package func list(
        of customer: String,
        startingAfter: String?,
        limit: Int
    ) async throws -> APIKeyPage {
        try await database.transaction { connection in
            guard try connection.execute("SELECT FROM tollgate.account WHERE customer_id = \(customer)").count > 0
            else {
                return .unknownCustomer
            }
            if let startingAfter {
                let last = try connection.execute(
                    "SELECT FROM tollgate.api_key WHERE id = \(startingAfter) AND customer_id = \(customer)")
                guard last.count > 0 else { return .unknownKey }
            }
            let records = try connection.execute(
                """
                SELECT \(APIKeyRecord.columns)
                FROM tollgate.api_key k
                WHERE k.customer_id = \(customer) AND k.deleted_at IS NULL
                  AND (\(startingAfter) IS NULL
                       OR (k.created_at, k.id) < (SELECT l.created_at, l.id FROM tollgate.api_key l
                                                  WHERE l.id = \(startingAfter)))
                ORDER BY k.created_at DESC, k.id DESC
                LIMIT \(limit + 1)
                """
            ).map(APIKeyRecord.init)
            return .page(Array(records.prefix(limit)), hasMore: records.count > limit)
        }
    }

    /// - Returns: nil if there is no such key, or it was deleted.
    package func find(_ id: String) async throws -> APIKeyRecord? {
        try await database.transaction { connection in
            try connection.execute(
                """
                SELECT \(APIKeyRecord.columns)
                FROM tollgate.api_key k
                WHERE k.id = \(id) AND k.deleted_at IS NULL
                """
            ).first.map(APIKeyRecord.init)
        }
    }

    // MARK: Making

    /// Stores a new key once per `idempotencyKey`; names the customer if nothing has named it yet. A refusal changes
    /// nothing.
    package func create(
        _ key: NewAPIKey,
        of customer: String,
        label: String?,
        expiresAt: Timestamp?,
        idempotencyKey: String,
        operator name: String,
        policy: Policy
    ) async throws -> APIKeyResult {
        let request = Self.request(
            ["create": .string(customer), "label": Self.json(label), "expires_at": Self.json(expiresAt)])
        return try await once(idempotencyKey, request) { connection in
            let now = try self.name(customer, "API key created", operator: name, policy: policy, connection)
            try Self.checkUnused(idempotencyKey, connection)
            if let expiresAt, expiresAt <= now { return .ended }
            let rows = try connection.execute(
                """
                INSERT INTO tollgate.api_key AS k (id, customer_id, sha256, livemode, label, last4, expires_at, created_by,
                                                   idempotency_key, request)
                VALUES (\(key.id), \(customer), \(key.sha256.array), \(key.livemode), \(label), \(key.last4),
                        \(expiresAt), \(name), \(idempotencyKey), \(request))
                RETURNING \(APIKeyRecord.columns)
                """)
            try self.announce([key.sha256], connection)
            return .created(try APIKeyRecord(rows.only))
        }
    }

    /// Stores a key that somebody else made, by its SHA-256. The same again changes nothing, nor does a refusal.
    /// - Parameter id: for the key, if it is new.
    package func importKey(
        _ sha256: SHA256Digest,
        id: String,
        livemode: Bool,
        of customer: String,
        label: String?,
        expiresAt: Timestamp?,
        operator name: String,
        policy: Policy
    ) async throws -> APIKeyResult {
        try await attempt { connection in
            let now = try self.name(customer, "API key imported", operator: name, policy: policy, connection)
            let rows = try connection.execute(
                """
                INSERT INTO tollgate.api_key AS k (id, customer_id, sha256, livemode, label, expires_at, created_by)
                VALUES (\(id), \(customer), \(sha256.array), \(livemode), \(label), \(expiresAt), \(name))
                ON CONFLICT (sha256) DO NOTHING
                RETURNING \(APIKeyRecord.columns)
                """)
            if let row = rows.first {
                if let expiresAt, expiresAt <= now { return .ended }
                try self.announce([sha256], connection)
                return .created(try APIKeyRecord(row))
            }
            let same = try connection.execute(
                """
                SELECT \(APIKeyRecord.columns)
                FROM tollgate.api_key k
                WHERE k.sha256 = \(sha256.array) AND k.customer_id = \(customer) AND k.deleted_at IS NULL
                  AND k.label IS NOT DISTINCT FROM \(label) AND k.expires_at IS NOT DISTINCT FROM \(expiresAt)
                """)
            return try same.first.map { .repeated(try APIKeyRecord($0)) } ?? .exists
        }
    }

    /// Stores a new key in the place of another, once per `idempotencyKey`: with the other's customer and label. The other
    /// one ends after the overlap, or sooner by itself.
    package func rotate(
        _ id: String,
        to key: NewAPIKey,
        overlap: Duration,
        idempotencyKey: String,
        operator name: String
    ) async throws -> APIKeyResult {
        let overlap = overlap.components.seconds
        let request = Self.request(["rotate": .string(id), "overlap": .integer(overlap)])
        return try await once(idempotencyKey, request) { connection in
            // The account's row too, which the new key refers to: `create` locks it before it uses the idempotency key.
            let old = try connection.execute(
                """
                SELECT k.sha256, k.last4 IS NOT NULL AND NOT k.is_disabled AND k.livemode = \(key.livemode)
                         AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()) AS is_active
                FROM tollgate.api_key k
                JOIN tollgate.account a USING (customer_id)
                WHERE k.id = \(id) AND k.deleted_at IS NULL
                FOR UPDATE OF k
                FOR KEY SHARE OF a
                """)
            try Self.checkUnused(idempotencyKey, connection)
            guard let row = old.first else { return .unknown }
            guard try row["is_active"] else { return .notActive }
            let rows = try connection.execute(
                """
                INSERT INTO tollgate.api_key AS k (id, customer_id, sha256, livemode, label, last4, created_by,
                                                   rotated_from, idempotency_key, request)
                SELECT \(key.id), o.customer_id, \(key.sha256.array), o.livemode, o.label, \(key.last4), \(name),
                       o.id, \(idempotencyKey), \(request)
                FROM tollgate.api_key o
                WHERE o.id = \(id)
                RETURNING \(APIKeyRecord.columns)
                """)
            try connection.execute(
                """
                UPDATE tollgate.api_key
                SET expires_at = least(expires_at, clock_timestamp() + make_interval(secs => \(overlap))),
                    version = version + 1
                WHERE id = \(id)
                """)
            try self.announce([SHA256Digest(row["sha256"]), key.sha256], connection)
            return .created(try APIKeyRecord(rows.only))
        }
    }

    // MARK: Changing

    /// - Returns: nil if there is no such key, or it was deleted.
    package func change(_ id: String, _ change: APIKeyChange) async throws -> APIKeyRecord? {
        try await update(
            """
            UPDATE tollgate.api_key k
            SET label = CASE WHEN \(change.label != nil) THEN \(change.label ?? nil) ELSE k.label END,
                expires_at = CASE WHEN \(change.expiresAt != nil) THEN \(change.expiresAt ?? nil) ELSE k.expires_at END,
                is_disabled = coalesce(\(change.isDisabled), k.is_disabled),
                version = k.version + 1
            WHERE k.id = \(id) AND k.deleted_at IS NULL
            RETURNING k.sha256, \(APIKeyRecord.columns)
            """)
    }

    /// - Returns: nil if there is no such key, or it was deleted before.
    package func delete(_ id: String, operator name: String) async throws -> APIKeyRecord? {
        try await update(
            """
            UPDATE tollgate.api_key k
            SET deleted_at = clock_timestamp(), deleted_by = \(name), version = k.version + 1
            WHERE k.id = \(id) AND k.deleted_at IS NULL
            RETURNING k.sha256, \(APIKeyRecord.columns)
            """)
    }

    /// Notes when keys were last used. Never moves a time backwards, and is no change that others must know of.
    /// - Parameter uses: one per key.
    package func touch(_ uses: [APIKeyUse]) async throws {
        guard !uses.isEmpty else { return }
        try await database.transaction { connection in
            _ = try connection.execute(
                """
                WITH used AS (
                    SELECT n.id, n.last_used_at
                    FROM \(APIKeyUse.rows.table(uses))
                    JOIN tollgate.api_key l ON l.id = n.id
                    WHERE l.last_used_at IS NULL OR l.last_used_at < n.last_used_at
                    -- In one order, so that no two processes wait for one another.
                    ORDER BY l.id
                    FOR NO KEY UPDATE OF l
                )
                UPDATE tollgate.api_key k
                SET last_used_at = used.last_used_at
                FROM used
                WHERE k.id = used.id
                """)
        }
    }

    // MARK: Parts

    private func update(_ statement: SQL) async throws -> APIKeyRecord? {
        try await database.transaction { connection in
            guard let row = try connection.execute(statement).first else { return nil }
            try self.announce([SHA256Digest(row["sha256"])], connection)
            return try APIKeyRecord(row)
        }
    }

    /// Thrown within a transaction, which it undoes.
    private struct Refused: Error {
        let result: APIKeyResult
    }

    /// The idempotency key was used by a request that was faster.
    private struct KeyTaken: Error {}

    /// Runs `body` in one transaction; of a refusal nothing stays.
    private func attempt(
        _ body: @escaping @Sendable (Connection) throws -> APIKeyResult
    ) async throws -> APIKeyResult {
        do {
            return try await database.transaction { connection in
                let result = try body(connection)
                guard result.isKept else { throw Refused(result: result) }
                return result
            }
        } catch let refused as Refused {
            return refused.result
        }
    }

    /// Runs `body` unless a request with this idempotency key was answered before.
    private func once(
        _ idempotencyKey: String,
        _ request: JSON,
        _ body: @escaping @Sendable (Connection) throws -> APIKeyResult
    ) async throws -> APIKeyResult {
        let check: @Sendable (Connection) throws -> APIKeyResult = { connection in
            guard let row = try Self.earlier(idempotencyKey, connection).first else { return try body(connection) }
            let known: JSON = try row["request"]
            return known == request ? .repeated(try APIKeyRecord(row)) : .keyReused
        }
        do {
            return try await attempt(check)
        } catch  where error is KeyTaken || (error as? PostgresError)?.isUniqueViolation == true {
            // Two requests with one idempotency key: the second waited for the first one's rows, and finds it now.
            return try await attempt(check)
        }
    }

    /// A key that was deleted since is shown as disabled: it does not work.
    private static func earlier(_ idempotencyKey: String, _ connection: Connection) throws -> Rows {
        try connection.execute(
            """
            SELECT \(APIKeyRecord.columns), k.request
            FROM (SELECT id, customer_id, label, last4, created_at, expires_at,
                         is_disabled OR deleted_at IS NOT NULL AS is_disabled, last_used_at, request
                  FROM tollgate.api_key
                  WHERE idempotency_key = \(idempotencyKey)) k
            """)
    }

    /// To be called once the locks are held, before anything is refused: who held them may have been the same request.
    private static func checkUnused(_ idempotencyKey: String, _ connection: Connection) throws {
        guard try earlier(idempotencyKey, connection).count == 0 else { throw KeyTaken() }
    }

    /// Locks the account of a customer, which this names if nothing has named it yet.
    /// - Returns: the database's clock.
    private func name(
        _ customer: String,
        _ reason: String,
        operator name: String,
        policy: Policy,
        _ connection: Connection
    ) throws -> Timestamp {
        var rows = AccountRows(connection, telling: customers)
        var accounts = try rows.lock([customer], policy: policy)
        accounts[customer]?.name(reason: reason, operator: name, at: rows.now, policy: policy)
        try rows.save(accounts.values)
        return rows.now
    }

    private func announce(_ digests: [SHA256Digest], _ connection: Connection) throws {
        try connection.pipeline { keys.announce(digests.map(\.hex), connection, $0) }
    }

    private static func request(_ members: [String: JSON]) -> JSON { .object(members) }

    private static func json(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    private static func json(_ time: Timestamp?) -> JSON { time.map { .string("\($0)") } ?? .null }
}
