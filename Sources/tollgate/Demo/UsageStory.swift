// SPDX-License-Identifier: Apache-2.0

import API
import Console
import EventForge
import Glibc
import Notation

/// A customer who buys credits, makes calls to a model, runs out, tops up, and reads a statement. Each step is checked, so a
/// story that completes proves that the charges add up.
struct UsageStory {
    private static let model = "claude-fable-5-1"
    /// For the first call.
    private static let hold = "req_1"

    private let client: DemoClient
    private let customer: String
    private let terminal = Terminal.standardOutput
    /// What the customer should have.
    private var credits: Int64 = 0
    /// The records, by their ids.
    private var sent: [String: JSON] = [:]

    init(_ client: DemoClient, customer: String) {
        self.client = client
        self.customer = customer
    }

    mutating func play() async throws {
        print("\n\(terminal.bold("The calls of \(customer)"))\n")
        try await client.approveShippedRates()
        tell(
            "an operator approves the rates",
            "dollars a million tokens: 10 in, 12.5 and 20 into the cache, 0.25 from it, 50 out")
        try await buy(2_000)
        try await estimate()
        try await call(
            "a long prompt is put into the cache", "msg_1",
            #"{"input_tokens":20,"cache_creation_input_tokens":120000,"cache_read_input_tokens":0,"output_tokens":400}"#,
            costs: 1520)
        try await call(
            "the same again, from the cache", "msg_2",
            #"{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":120000,"output_tokens":400}"#,
            costs: 50)
        try await call("a call that fails", "msg_3", "null", status: "failed", costs: 0)
        try await call(
            "one that its client breaks off", "msg_4", #"{"input_tokens":1000,"output_tokens":80}"#, status: "aborted",
            costs: 14)
        try await call(
            "the same record comes again", "msg_4", #"{"input_tokens":1000,"output_tokens":80}"#, status: "aborted",
            outcome: "duplicate", costs: 0)
        try await call(
            "a call without the cache", "msg_5", #"{"input_tokens":120000,"output_tokens":400}"#, costs: 1220)
        try await client.waitUntil(customer, is: "credits_exhausted")
        tell("the credits have run out", try await access())
        try await buy(5_000)
        try await statement()
        print("\n\(terminal.green("Done: every call is charged once, and the statement adds up."))")
    }

    private mutating func buy(_ amount: Int64) async throws {
        var generator = SystemRandomNumberGenerator()
        let event = EventTemplate(
            type: "checkout.session.completed", customer: customer, credits: amount, created: WallClock.now
        ).event(using: &generator)
        try await client.post(event)
        credits += amount
        try await check("\(amount) credits are bought", try await access())
    }

    private func estimate() async throws {
        let call: JSON = [
            "provider": "anthropic", "model": .string(Self.model), "input_tokens": 20, "max_output_tokens": 400,
            "cache_write_5m_tokens": 120_000,
        ]
        let answer = try await client.ask("PUT", "/v1/customers/\(customer)/holds/\(Self.hold)", ["estimate": call])
        let estimate = answer["estimate"]
        guard estimate?["warning"] == "long_context", answer["granted"] == 1521 else {
            throw DemoStory.Failure(description: "the estimate is \(answer)")
        }
        tell("a call is estimated and held", "1521 credits are kept; warning: long_context")
    }

    /// - Parameter costs: what it takes, in credits.
    private mutating func call(
        _ title: String, _ id: String, _ usage: String, status: String = "ok", outcome: String = "recorded",
        costs: Int64
    ) async throws {
        let used = try JSON(bytes: Array(usage.utf8))
        let new: JSON = [
            "id": .string(id), "customer": .string(customer), "provider": "anthropic", "dialect": "anthropic",
            "model": .string(Self.model), "at": .string("\(WallClock.now)"), "status": .string(status),
            "usage": used, "hold": sent.isEmpty ? .string(Self.hold) : .null,
        ]
        let record = sent[id] ?? new
        sent[id] = record
        let answer = try await client.ask("POST", "/v1/usage", ["records": [record]])
        let result = answer["data"]?[0]
        guard result?["outcome"]?.string == outcome, let receipt = result?["receipt"] else {
            throw DemoStory.Failure(description: "\(title): \(answer)")
        }
        credits -= costs
        let charge = receipt["charge"]?.string ?? "?"
        let words = outcome == "duplicate" ? "nothing more is charged" : "$\(charge) is charged"
        try await check(title, "\(words), \(try await access())")
    }

    private func statement() async throws {
        let month = String("\(WallClock.now)".prefix(7))
        let statement = try await client.ask("GET", "/v1/customers/\(customer)/statement?month=\(month)", nil)
        let lines = statement["lines"]?.array ?? []
        print("")
        for line in lines {
            let words = line["words"]?.string ?? ""
            let charge = (line["charge"]?.string ?? "?") + String(repeating: " ", count: 12)
            print("      \(line["id"]?.string ?? "?")  $\(charge.prefix(12)) \(terminal.dim(words))")
        }
        let (total, closing) = (statement["total"]?.string ?? "?", statement["closing"]?.string ?? "?")
        print(
            "      sum    $\(total): \(statement["credits"]?.integer ?? 0) credits, and $\(closing) carried to the next call"
        )
        guard lines.count == 5, total == "2.8044", closing == "0.0004", statement["credits"] == 2804 else {
            throw DemoStory.Failure(description: "the statement is \(statement)")
        }
    }

    private func check(_ title: String, _ words: String) async throws {
        tell(title, words)
        let found = try await balance()
        guard found == credits else {
            throw DemoStory.Failure(
                description: "\(title): expected \(credits) credits, not \(found.map { "\($0)" } ?? "none")")
        }
    }

    /// Right at once; those in the flag are at most a second old.
    private func balance() async throws -> Int64? {
        try await client.ask("GET", "/v1/customers/\(customer)/balance", nil)["credits"]?.integer
    }

    private func access() async throws -> String {
        let access = try await client.access(of: customer)
        let words = access?["allowed"] == true ? terminal.green("allowed") : terminal.red("blocked")
        return "\(words), \(try await balance() ?? 0) credits"
    }

    private func tell(_ title: String, _ words: String) {
        print("  \(title)\(String(repeating: " ", count: max(1, 38 - title.count)))\(words)")
        // Otherwise a pipe would buffer each line.
        fflush(nil)
    }
}
