// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// How the real program reports a wrong DATABASE_URL: no part of its password is ever shown.
@Suite struct DatabaseURLTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let url: String
        /// What the error line contains.
        let says: String
        var testDescription: String { url }

        init(_ url: String, _ says: String) {
            (self.url, self.says) = (url, says)
        }
    }

    /// What every password here is made of.
    private static let pieces = ["S3c", "r3t", "W0rd"]

    static let hostile = [
        Hostile("postgresql://app:S3c%r3tW0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3cr3t%zzW0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3cr3tW0rd%@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3cr3t%00W0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3cr3t%+1W0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3c@r3tW0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3c/r3tW0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:1/r3tW0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3c@r3t/W0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:1/r3t?W0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:1/r3t?W0rd=@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3c@[r3tW0rd@db/app", "percent-encode the password"),
        Hostile("postgresql://app:S3c@r3t#W0rd/app", "percent-encode the password"),
        Hostile("postgresql://app:S3cr3tW0rd@db:99999/app", "port"),
        Hostile("postgresql://app:S3cr3tW0rd@db:abc/app", "port"),
        Hostile("postgresql://app:S3cr3tW0rd@db:0/app", "port"),
        Hostile("host=a,b port=1,2,3 password=S3cr3tW0rd", "port"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?sslmode=bogus", "sslmode"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?target_session_attrs=bogus", "target_session_attrs"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?connect_timeout=soon", "connect_timeout"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?sslmode=verify-full&sslrootcert=/nonexistent", "sslrootcert"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?ssl_min_protocol_version=SSLv3", "ssl_min_protocol_version"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?passfile=/nonexistent", "passfile"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?hots=x", "host may be meant"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?sslmod=require", "sslmode may be meant"),
        Hostile("postgresql://app:S3cr3tW0rd@db/app?schema=public", "the parameter schema,"),
        Hostile("postgresql://app:S3cr3tW0rd@db:5432/app?sslmode=prefer&pgbouncer=true", "the parameter pgbouncer,"),
        Hostile("postgresql://app@db/app?foo=S3cr3tW0rd", "the parameter foo,"),
        Hostile("postgresql://db/app?S3c=1&password=S3c&r3tW0rd=1", "percent-encode the password"),
        Hostile("postgresql://app:S3c?r3tW0rd=1", "percent-encode the password"),
        Hostile("postgresql://app:1?r3tW0rd=/x@db/app", "percent-encode the password"),
        Hostile("host=db user=app password=S3c r3tW0rd", "single quotes"),
        Hostile("host=db user=app password=S3c r3t=W0rd", "single quotes"),
        Hostile("host=db user=app password='S3cr3tW0rd", "single quotes"),
        Hostile("host=db user=app password='S3c'r3tW0rd'", "single quotes"),
        Hostile("host=db password=S3cr3tW0rd dbname=x' evil", "single quotes"),
        Hostile("hots=127.0.0.1 password=S3cr3tW0rd", "host may be meant"),
        Hostile("service=nope password=S3cr3tW0rd", "service"),
        Hostile("host=db port=99999 password=S3cr3tW0rd", "port"),
        Hostile("host=db port=' ' password=S3cr3tW0rd", "port"),
        Hostile("host='a b' password=S3cr3tW0rd", "host"),
        Hostile("hostaddr=db password=S3cr3tW0rd", "hostaddr"),
        Hostile("host=a,b hostaddr=127.0.0.1 password=S3cr3tW0rd", "hostaddr"),
        Hostile(
            "host=db password=S3cr3tW0rd ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2", "together"),
    ]

    @Test(arguments: hostile) func `a wrong address ends with 78 and a line of our own words, before any port opens`(
        _ hostile: Hostile
    ) async throws {
        for command in [["serve"], ["serve", "--only", "worker"], ["migrate"], ["prune"]] {
            let ended = try await Program.run(command, environment: RunningServer.environment(hostile.url))
            #expect(ended.code == 78, "\(command): \(ended.errors)")
            #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
            #expect(ended.errors.hasPrefix("tollgate: DATABASE_URL: "), "\(ended.errors)")
            #expect(ended.errors.contains(hostile.says), "\(ended.errors)")
            Self.expectNoPassword(ended)
        }
    }

    /// Valid in form: the error shows only when connecting.
    @Test(arguments: [
        "postgresql://app:S3cr3tW0rd@127.0.0.1:1/app", "postgresql://app:S3c%25r3t%2FW0rd@127.0.0.1:1/app",
        "host=127.0.0.1 port=1 user=app password='S3c r3t\\'W0rd'",
        "postgresql://S3cr3tW0rd.invalid/app?password=S3cr3tW0rd",
        "host=127.0.0.1,::1 port=1 sslmode=require password=S3cr3tW0rd",
        "host=/S3cr3tW0rd password=S3cr3tW0rd dbname=x",
    ])
    func `where nothing answers, the error holds no password, at any log level`(_ url: String) async throws {
        var environment = RunningServer.environment(url)
        environment["TOLLGATE_LOG_LEVEL"] = "trace"
        environment["TOLLGATE_SPOOL_DIR"] = "off"
        for command in [["serve"], ["migrate"], ["prune"]] {
            let ended = try await Program.run(command, environment: environment)
            #expect(ended.code == 1, "\(ended.errors)")
            Self.expectNoPassword(ended)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let cause: String
        /// Appended to the valid keyword string.
        var keywords = ""
        var sql: String?
        var testDescription: String { cause }
    }

    @Test(arguments: [
        Refusal(cause: "authentication_failed", keywords: "user=nobody_of_this_name password=S3cr3tW0rd"),
        Refusal(cause: "unknown_database", keywords: "dbname=none_of_this_name password=S3cr3tW0rd"),
        Refusal(cause: "read_only", sql: "SET default_transaction_read_only = on"),
        Refusal(cause: "too_many_connections", keywords: "user=nobody_of_this_limit", sql: "CONNECTION LIMIT 0"),
    ])
    func `a refusal is said once with its cause, readyz tells it, and events are taken meanwhile`(_ refusal: Refusal)
        async throws
    {
        try await TestDatabase.with { database in
            var keywords = refusal.keywords
            if let sql = refusal.sql { try await TestDatabase.administer("ALTER DATABASE \(database.name) \(sql)") }
            // The limit does not apply to superusers.
            if keywords.contains("nobody_of_this_limit") {
                let role = "limited_\(database.name)"
                try await TestDatabase.administer("CREATE ROLE \(role) LOGIN")
                keywords = "user=\(role)"
            }
            try await RunningServer.with("\(database.url) \(keywords)") { server in
                let line = try await server.program.logged("the database is away: events are spooled until it is back")
                let passes = refusal.cause == "too_many_connections"
                #expect(line.level == (passes ? "warning" : "critical"))
                #expect(line.fields["error"]?.string?.contains("PostgreSQL") == true)
                #expect(line.fields["advice"]?.string?.isEmpty == false)
                let (status, body) = try await server.get("/readyz", token: nil)
                #expect(status == 200)
                #expect(body.at("postgresql.state") == "down")
                #expect(body.at("postgresql.cause")?.string == refusal.cause, "\(body)")
                #expect(body.at("postgresql.detail")?.string?.isEmpty == false)
                let outcome = try await server.outcomeInTestMode(of: Events.checkout(id: "evt_1"))
                #expect(outcome == "spooled")
                let starts = LogLine.all(in: server.program.errors).filter { $0.message == line.message }
                #expect(starts.count == 1)
                #expect(!server.program.errors.contains("schema is not the one"))
                for piece in Self.pieces { #expect(!server.program.errors.contains(piece)) }
            }
            if keywords.contains("limited_") { try await TestDatabase.administer("DROP ROLE limited_\(database.name)") }
        }
    }

    private static func expectNoPassword(_ ended: Program.Ended) {
        for piece in pieces {
            #expect(!ended.errors.contains(piece), "\(ended.errors)")
            #expect(!ended.output.contains(piece), "\(ended.output)")
        }
    }
}
