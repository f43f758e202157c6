// SPDX-License-Identifier: Apache-2.0

import Billing
import Hashing
import Logging
import Notation
import Postgres
import Store
import TestSupport
import Testing

/// One process that makes and ends API keys, on a database that others may share.
struct KeyProcess: Sendable {
    let store: Store
    let database: TestDatabase

    var keys: APIKeyStore { store.keyStore }

    /// Lends this many processes on one fresh database.
    static func with(
        _ count: Int = 1,
        _ body: (_ processes: [KeyProcess], _ database: TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            let processes = (0..<count).map { _ in
                KeyProcess(
                    store: Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
                    database: database)
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(processes, database))
            } catch {
                result = .failure(error)
            }
            for process in processes { try await process.store.close() }
            try result.get()
        }
    }

    /// What is stored of the key of this number.
    static func new(_ number: Int) throws -> NewAPIKey {
        NewAPIKey(id: "key_\(number)", sha256: try digest(number), livemode: true, last4: "last")
    }

    static func digest(_ number: Int) throws -> SHA256Digest {
        let digest = SHA256Digest(of: Array("the key of number \(number)".utf8).span)
        return try #require(digest)
    }

    // MARK: What operators do

    func create(
        _ number: Int,
        of customer: String = "cus_1",
        label: String? = nil,
        expiresAt: Timestamp? = nil,
        idempotencyKey: String
    ) async throws -> APIKeyResult {
        try await keys.create(
            Self.new(number), of: customer, label: label, expiresAt: expiresAt, idempotencyKey: idempotencyKey,
            operator: "night-shift", policy: Policy())
    }

    /// - Returns: a new key.
    func made(_ number: Int = 1) async throws -> APIKeyRecord {
        try #require(try await create(number, idempotencyKey: "made \(number)").created)
    }

    func importKey(
        _ number: Int,
        of customer: String = "cus_1",
        label: String? = nil,
        expiresAt: Timestamp? = nil
    ) async throws -> APIKeyResult {
        try await keys.importKey(
            Self.digest(number), id: "key_i\(number)of\(customer.filter(\.isNumber))", livemode: true, of: customer,
            label: label, expiresAt: expiresAt, operator: "night-shift", policy: Policy())
    }

    func rotate(
        _ id: String,
        to number: Int,
        overlap: Duration = .zero,
        idempotencyKey: String
    ) async throws -> APIKeyResult {
        try await keys.rotate(
            id, to: Self.new(number), overlap: overlap, idempotencyKey: idempotencyKey, operator: "night-shift")
    }

    /// As a gateway looks a key up.
    func lookUp(_ number: Int) async throws -> APIKeyAnswer? {
        let digest = try Self.digest(number)
        return try await withCheckedThrowingContinuation { continuation in
            store.keys.read(digest, by: .now + .seconds(60)) { continuation.resume(with: $0) }
        }
    }

    // MARK: What the database holds

    func count(_ table: SQL) async throws -> Int {
        try await TestDatabase.transaction(on: database.source) { connection in
            try connection.execute("SELECT count(*) AS count FROM \(table)").only["count"]
        }
    }

    /// Changes keys behind the store's back.
    func set(_ assignment: SQL, where condition: SQL) async throws {
        _ = try await TestDatabase.transaction(on: database.source) { connection in
            try connection.execute("UPDATE tollgate.api_key SET \(assignment) WHERE \(condition)").count
        }
    }

    /// Until so many sessions wait for a lock.
    static func waiting(_ count: Int, _ database: TestDatabase) async throws {
        try await eventually("\(count) sessions that wait for a lock") {
            let waiting: Int = try await TestDatabase.transaction(on: database.source) { connection in
                try connection.execute(
                    """
                    SELECT count(*) AS count FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'
                    """
                ).only["count"]
            }
            return waiting >= count ? true : nil
        }
    }
}

extension APIKeyResult {
    /// The key, if this request made it.
    var created: APIKeyRecord? {
        if case .created(let record) = self { record } else { nil }
    }

    /// The key, if an identical request made it before.
    var repeated: APIKeyRecord? {
        if case .repeated(let record) = self { record } else { nil }
    }

    /// The key, if this request or an identical one made it.
    var record: APIKeyRecord? {
        switch self {
        case .created(let record), .repeated(let record): record
        default: nil
        }
    }
}

extension [KeyProcess] {
    /// The same, some of them begun before the rows that they wait for are free.
    /// - Parameter rows: a table and which of its rows.
    func atOnce(
        _ count: Int,
        behind rows: SQL,
        _ database: TestDatabase,
        _ request: @escaping @Sendable (KeyProcess, Int) async throws -> APIKeyResult
    ) async throws -> [APIKeyResult] {
        var running: Task<[APIKeyResult], any Error>?
        try await TestDatabase.hold(database.source) { connection in
            try connection.execute("SELECT FROM tollgate.\(rows) FOR UPDATE")
        } while: {
            running = Task { try await atOnce(count, request) }
            // Not for all: none may wait for longer than a lock's timeout, however busy the machine is.
            try await KeyProcess.waiting(2, database)
        }
        return try await #require(running).value
    }

    /// So many requests at once, spread over the processes; the numbers begin with 1.
    func atOnce(
        _ count: Int,
        _ request: @escaping @Sendable (KeyProcess, Int) async throws -> APIKeyResult
    ) async throws -> [APIKeyResult] {
        try await withThrowingTaskGroup(of: APIKeyResult.self) { group in
            for number in 1...count {
                let process = self[number % self.count]
                group.addTask { try await request(process, number) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
