// SPDX-License-Identifier: Apache-2.0

import Notation
import Synchronization
import TestSupport
import Testing

@testable import Server

/// What a gateway's auth subrequest is answered while keys change, and while PostgreSQL is away.
@Suite(.serialized) struct AuthorizeOutageTests {
    @Test func `a key that was seen before is answered from memory while PostgreSQL is away`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                let paid = try await server.key()
                let unpaid = try await server.key(of: "cus_2", idempotencyKey: "second")
                let unseen = try await server.key(idempotencyKey: "third")
                try await server.handle([Events.checkout(id: "evt_1")])
                let fresh = try await server.authorize(paid.text)
                #expect(fresh.status == 200)
                #expect(fresh.headers["tollgate-stale"] == "")
                #expect(try await server.authorize(unpaid.text).summary == "403 no_subscription")

                try await database.cutOff()
                let stale = try await eventually("an answer from memory") {
                    let answer = try await server.authorize(paid.text)
                    return answer.headers["tollgate-stale"] == "true" ? answer : nil
                }
                #expect(stale.status == 200)
                for name in ["customer", "key", "reason", "until", "credits", "version"] {
                    #expect(stale.headers["tollgate-\(name)"] == fresh.headers["tollgate-\(name)"], "\(name)")
                }
                let denied = try await server.authorize(unpaid.text)
                #expect(denied.summary == "403 no_subscription")
                #expect(denied.headers["tollgate-stale"] == "true")
                // What nobody knows, or only the database: neither yes nor no.
                for answer in [
                    try await server.authorize(unseen.text),
                    try await server.authorize("a-key-that-there-never-was"),
                    try await server.authorize(paid.text, [("Tollgate-Minimum-Credits", "1")]),
                ] {
                    #expect(answer.summary == "503 unavailable")
                    #expect((answer.headers["retry-after"].flatMap { Int($0) } ?? 0) > 0)
                    #expect(answer.headers["cache-control"] == "no-store")
                    #expect(answer.headers["tollgate-customer"] == nil)
                }
                // What is no key of ours needs no database.
                #expect(try await server.authorize("tg_live_x").summary == "401 invalid_key")

                try await database.letIn()
                try await eventually("a fresh answer") {
                    try await server.authorize(paid.text).headers["tollgate-stale"] == "" ? true : nil
                }
                try await eventually("an answer to who was not seen before") {
                    try await server.authorize(unseen.text).status == 200 ? true : nil
                }
            }
        }
    }

    @Test func `a key that was deleted stays so while PostgreSQL is away`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                let key = try await server.key()
                let other = try await server.key(idempotencyKey: "second")
                try await server.handle([Events.checkout(id: "evt_1")])
                for text in [key.text, other.text] { #expect(try await server.authorize(text).status == 200) }
                #expect(try await server.admin("DELETE", "/keys/\(key.id)").status == 204)
                try await database.cutOff()
                try await eventually("an answer from memory") {
                    try await server.authorize(other.text).headers["tollgate-stale"] == "true" ? true : nil
                }
                #expect(try await server.authorize(key.text).summary == "503 unavailable")
                try await database.letIn()
                try await eventually("the refusal") {
                    try await server.authorize(key.text).summary == "401 invalid_key" ? true : nil
                }
            }
        }
    }

    @Test func `however many ask meanwhile, nobody who asks after a deletion gets through`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            for round in 0..<20 {
                let key = try await server.key(idempotencyKey: "round-\(round)")
                let isOver = Atomic(false)
                let asking = Task {
                    var answers: [Int] = []
                    while !isOver.load(ordering: .relaxed) {
                        answers.append(try await server.authorize(key.text).status)
                    }
                    return answers
                }
                // In half of the rounds the first read of the key is still on its way.
                if round.isMultiple(of: 2) { #expect(try await server.authorize(key.text).status == 200) }
                #expect(try await server.admin("DELETE", "/keys/\(key.id)").status == 204)
                for _ in 0..<3 { #expect(try await server.authorize(key.text).summary == "401 invalid_key") }
                isOver.store(true, ordering: .relaxed)
                let answers = try await asking.value
                #expect(answers.drop { $0 == 200 }.allSatisfy { $0 == 401 }, "\(answers)")
            }
        }
    }
}
