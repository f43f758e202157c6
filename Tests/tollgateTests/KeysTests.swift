// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

/// `tollgate keys`, with the real binary.
@Suite struct KeysTests {
    private static let usage: Int32 = 64

    @Test func `a key is printed once, and ended by its id`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                func create() async throws -> Program.Ended {
                    try await server.shell(
                        "keys", "create", "cus_1", "--label", "production", "--expires-at", "2099-01-01",
                        "--idempotency-key", "k1")
                }
                let created = try await create()
                let lines = created.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                let key = try #require(lines.first)
                #expect(key.wholeMatch(of: /tg_test_[0-9A-Za-z]{38}/) != nil)
                let id = try #require(created.output.firstMatch(of: /key_[0-9A-Za-z]+/)).output
                #expect(
                    lines.dropFirst() == ["", "\(id) of cus_1. The first line is the key: it is not shown again.", ""])
                #expect(created.code == 0)
                #expect(created.errors.contains("nobody had named cus_1 before"), "\(created.errors)")

                let again = try await create()
                #expect(again.code == 0 && !again.output.contains(key), "\(again.output)")
                #expect(again.errors == "")
                #expect(again.output.hasPrefix("\(id) of cus_1 was made by an earlier request"))
                let list = try await server.shell("keys", "list", "cus_1")
                #expect(list.output.contains("…\(key.suffix(4))") && !list.output.contains(key), "\(list.output)")

                func state(_ command: String...) async throws -> Bool? {
                    let ended = try await server.shell(["keys"] + command + [String(id), "--json"])
                    #expect(ended.code == 0, "\(ended.errors)")
                    return try JSON(bytes: Array(ended.output.utf8))["disabled"]?.bool
                }
                #expect(try await state("disable") == true)
                #expect(try await state("show") == true)
                #expect(try await state("enable") == false)

                func change(_ options: String...) async throws -> JSON {
                    let ended = try await server.shell(["keys", "change", String(id), "--json"] + options)
                    #expect(ended.code == 0, "\(ended.errors)")
                    return try JSON(bytes: Array(ended.output.utf8))
                }
                let ending = try await change("--expires-at", "2100-01-01")
                #expect(ending["expires_at"] == "2100-01-01T00:00:00Z" && ending["label"] == "production")
                let named = try await change("--label", "staging")
                #expect(named["expires_at"] == "2100-01-01T00:00:00Z" && named["label"] == "staging")
                let endless = try await change("--never-expires", "--label", "production")
                #expect(endless.object?["expires_at"] == .null && endless["label"] == "production")

                let rotated = try await server.shell("keys", "rotate", String(id), "--overlap", "0s", "--json")
                let new = try JSON(bytes: Array(rotated.output.utf8))
                #expect(new["key"]?.string?.hasPrefix("tg_test_") == true && new["label"] == "production")
                let refused = try await server.shell("keys", "rotate", String(id))
                #expect(refused.code == 1 && refused.errors.contains("key_not_active"), "\(refused.errors)")
                #expect(!refused.errors.contains("--idempotency-key"), "\(refused.errors)")

                let deleted = try await server.shell("keys", "delete", String(id))
                #expect(deleted.code == 0 && deleted.output == "\(id) is deleted\n", "\(deleted.output)")
                let gone = try await server.shell("keys", "delete", String(id))
                #expect(gone.code == 1 && gone.errors.contains("unknown_key"), "\(gone.errors)")
            }
        }
    }

    @Test func `a key that was made elsewhere is taken over by its SHA-256`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let sha256 = String(repeating: "0f", count: 32)
                func importKey(_ customer: String) async throws -> Program.Ended {
                    try await server.shell("keys", "import", customer, "--sha256", sha256)
                }
                let first = try await importKey("cus_1")
                #expect(first.code == 0 && first.output.contains("(imported)"), "\(first.output)")
                #expect(try await importKey("cus_1").output == first.output)
                let other = try await importKey("cus_2")
                #expect(other.code == 1 && other.errors.contains("key_exists"), "\(other.errors)")
            }
        }
    }

    @Test(arguments: [
        ["create"], ["create", "cus.1"], ["create", "cus_1", "--label", " "],
        ["create", "cus_1", "--expires-at", "soon"],
        ["import", "cus_1"], ["import", "cus_1", "--sha256", "0F"], ["list", "cus_1", "--limit", "1001"],
        ["rotate", "key_1", "--overlap", "31d"], ["delete"], ["disable", "key.1"],
        ["change", "key_1"], ["change", "key_1", "--expires-at", "4h", "--never-expires"],
        ["change", "key_1", "--label", " "],
    ])
    func `a wrong use is told before anything is asked`(_ arguments: [String]) async throws {
        let ended = try await Program.run(["keys"] + arguments, environment: [:])
        #expect(ended.code == Self.usage, "\(ended.errors)")
    }

    @Test(arguments: ["show", "delete", "disable", "enable", "rotate", "change"])
    func `a key where its id belongs is not repeated`(_ command: String) async throws {
        let key = "tg_live_0123456789abcdefghijABCDEFGHIJ01234567"
        let ended = try await Program.run(["keys", command, key], environment: [:])
        #expect(ended.code == Self.usage)
        #expect(!ended.errors.contains(key) && !ended.output.contains(key))
    }

    @Test func `a request whose outcome is unknown is repeated with the same end`() async throws {
        let lost = try await Program.run(
            ["keys", "create", "cus_1", "--expires-at", "4h", "--idempotency-key", "k2"],
            environment: [
                "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken, "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:1",
            ])
        #expect(lost.code == 1)
        #expect(lost.errors.contains(/give --idempotency-key k2 --expires-at 20[-0-9]+T[0-9:.]+Z\n/), "\(lost.errors)")
    }
}
