// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation
import TestSupport
import Testing

/// `tollgate rates`, with the real binary.
@Suite struct RatesTests {
    private static let shipped = "rtd_00000000000000000000000000000001"

    private static func rates(_ members: String...) -> String {
        let rates = members.map {
            #"{"provider":"anthropic","effective_at":"2026-01-01T00:00:00Z",\#($0)}"#
        }
        return "{\"rates\":[\(rates.joined(separator: ","))]}"
    }

    private static func write(_ text: String, to name: String, in folder: String) throws -> String {
        let path = "\(folder)/\(name)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    /// Lends a server, and a folder for files.
    private static func with(_ body: (RunningServer, String) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                try await TemporaryFolder.with { folder in try await body(server, folder) }
            }
        }
    }

    @Test func `what ships is listed, compared, approved once, and then holds`() async throws {
        try await Self.with { server, _ in
            let none = try await server.shell("rates", "list")
            #expect(none.code == 0 && none.output == "no rates: nothing has a price; see tollgate rates drafts\n")
            let drafts = try await server.shell("rates", "drafts")
            #expect(drafts.output.contains("\(Self.shipped)  draft   "), "\(drafts.output)")
            let lint = try await server.shell("rates", "lint", Self.shipped)
            #expect(lint.code == 0 && lint.output == "nothing to point out\n", "\(lint.output)")
            let diff = try await server.shell("rates", "diff", Self.shipped)
            #expect(diff.code == 0)
            #expect(diff.output.contains(/anthropic +claude-fable-5-1 +2026-01-01T00:00:00Z +input +none +10\n/))

            let approved = try await server.shell("rates", "approve", Self.shipped)
            #expect(approved.code == 0, "\(approved.errors)")
            #expect(approved.output.contains(/^rtd_0{31}1 is approved: [0-9]+ new rates\n$/), "\(approved.output)")
            let again = try await server.shell("rates", "approve", Self.shipped)
            #expect(again.code == 1 && again.errors.contains("draft_approved"), "\(again.errors)")
            #expect(again.errors.contains("alice has approved"), "\(again.errors)")
            let list = try await server.shell("rates", "list")
            #expect(
                list.output.contains(/anthropic +claude-fable-5-1 +2026-01-01T00:00:00Z +10 +50 +12.5 +20 +0.25 +10\b/))
            #expect(try await server.shell("rates", "diff", Self.shipped).output == "nothing would change\n")
            let before = try await server.shell("rates", "list", "--at", "2025-12-31")
            #expect(before.output == none.output)
            let json = try await server.shell("rates", "list", "--json", "--at", "2026-01-01")
            let document = try JSON(bytes: Array(json.output.utf8))
            #expect(document["data"]?[0]?["rate"]?["provider"] == "anthropic")
            let unknown = try await server.shell("rates", "diff", "rtd_1")
            #expect(unknown.code == 1 && unknown.errors.contains("unknown_draft"), "\(unknown.errors)")
        }
    }

    @Test func `a file is looked at, imported, and approved although it is odd only if that is said`() async throws {
        try await Self.with { server, folder in
            let odd = Self.rates(#""model":"m","input":"3","cache_read":"4""#, #""model":"n","input":1"#)
            let file = try Self.write(odd, to: "rates.json", in: folder)
            let lint = try await server.shell("rates", "lint", file)
            #expect(lint.code == 1)
            #expect(lint.output.contains("reading from the cache costs more than the input"), "\(lint.output)")
            // Nothing is kept of what was only looked at.
            #expect(try await server.shell("rates", "drafts").output.split(separator: "\n").count == 2)

            let imported = try await server.shell("rates", "import", file)
            #expect(imported.code == 0, "\(imported.errors)")
            #expect(imported.output.contains(": 2 rates, which change 2 models\n"), "\(imported.output)")
            let id = String(try #require(imported.output.firstMatch(of: /rtd_[0-9a-f]{32}/)).output)
            let refused = try await server.shell("rates", "approve", id)
            #expect(refused.code == 1 && refused.errors.contains("nothing was approved"), "\(refused.errors)")
            #expect(refused.output.contains("reading from the cache"), "\(refused.output)")
            #expect(try await server.shell("rates", "list").output.hasPrefix("no rates"))
            let approved = try await server.shell("rates", "approve", id, "--accept-findings", "--json")
            let document = try JSON(bytes: Array(approved.output.utf8))
            #expect(document["added"] == 2 && document["approved_by"] == "alice", "\(approved.output)")
            let lines = try await server.shell("rates", "list").output.split(separator: "\n")
            #expect(lines.count == 3 && lines[1].contains(" m ") && lines[2].contains(" n "))
        }
    }

    @Test func `lists of others are read, and what cannot be charged is named`() async throws {
        try await Self.with { server, folder in
            let liteLLM = try Self.write(
                """
                {"gpt":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1.25e-06,
                  "output_cost_per_token":1e-05},
                 "fine":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1.5e-13}}
                """, to: "litellm.json", in: folder)
            let options = ["--format", "litellm", "--effective-at", "2026-11-01", "--json"]
            let imported = try await server.shell(["rates", "import", liteLLM] + options)
            #expect(imported.code == 0)
            #expect(imported.errors.contains("left out: 1\n") && imported.errors.contains("\"fine\".input"))
            let rate = try JSON(bytes: Array(imported.output.utf8))["rates"]?[0]
            #expect(rate?["input"] == "1.25" && rate?["effective_at"] == "2026-11-01T00:00:00Z", "\(imported.output)")

            let genAI = try Self.write(
                #"[{"id":"openai","models":[{"id":"gpt","prices":{"input_mtok":2.5,"output_mtok":10}}]}]"#,
                to: "data.json", in: folder)
            let other = try await server.shell("rates", "import", genAI, "--format", "genai-prices", "--json")
            #expect(other.code == 0 && other.errors == "", "\(other.errors)")
            #expect(try JSON(bytes: Array(other.output.utf8))["rates"]?[0]?["input"] == "2.5")
        }
    }

    @Test func `a file that has no rates is refused by its name, before anything is asked`() async throws {
        try await TemporaryFolder.with { folder in
            let cases = [
                ("none", nil, "it cannot be read"), ("empty", "", "not JSON"), ("list", "[]", "is no object"),
                ("misspelt", Self.rates(#""model":"m","inputs":"3""#), "rates[0].inputs is no field here"),
                ("fine", Self.rates(#""model":"m","input":"0.0000001""#), "rates[0].input is beyond"),
            ]
            for (name, text, words) in cases {
                let path = try text.map { try Self.write($0, to: name, in: folder) } ?? "\(folder)/\(name)"
                for command in ["import", "lint"] {
                    let ended = try await Program.run(
                        ["rates", command, path],
                        environment: [
                            "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken, "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:1",
                        ])
                    #expect(ended.code == 1 && ended.errors.contains("\(path): "), "\(ended.errors)")
                    #expect(ended.errors.contains(words), "\(ended.errors)")
                }
            }
            let nothing = try Self.write("{}", to: "nothing", in: folder)
            let ended = try await Program.run(
                ["rates", "lint", nothing, "--format", "litellm"],
                environment: [
                    "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken, "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:1",
                ])
            #expect(ended.code == 1 && ended.errors.contains("has no price that can be charged"), "\(ended.errors)")
        }
    }
}
