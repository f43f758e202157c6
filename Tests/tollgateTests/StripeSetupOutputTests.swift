// SPDX-License-Identifier: Apache-2.0

import EventReading
import Notation
import TestSupport
import Testing

/// What `tollgate stripe setup` prints: the secret, if it can, and what was done.
@Suite struct StripeSetupOutputTests {
    private static let url = "https://hooks.example.com/webhooks/stripe"
    private static let secret = "whsec_secretOfEndpoint"

    private func setup(_ stripe: StripeStandIn, _ arguments: String...) async throws -> Program.Ended {
        try await setup(stripe, arguments)
    }

    private func setup(_ stripe: StripeStandIn, _ arguments: [String]) async throws -> Program.Ended {
        try await Program.run(["stripe", "setup"] + arguments, environment: stripe.environment)
    }

    @Test(arguments: [[], ["--json"]])
    func `a secret that could not be printed is not told as shown`(_ form: [String]) async throws {
        try await StripeStandIn.with { stripe in
            let call = ["stripe", "setup", "--url", Self.url, "--print-secret"] + form
            let ended = try await Program.with(call, environment: stripe.environment, writingTo: "/dev/full") {
                try await $0.ended()
            }
            #expect(ended.code == 1 && stripe.endpoints.count == 1, "\(ended.errors)")
            let cause = "tollgate: the secret of we_1 was not shown: standard output cannot be written: no space left"
            #expect(ended.errors.contains(cause), "\(ended.errors)")
            #expect(ended.errors.contains("\ntollgate: reveal it in Workbench"), "\(ended.errors)")
            #expect(!ended.errors.contains("above"), "\(ended.errors)")
        }
    }

    @Test func `a secret of a move that could not be printed leaves the new endpoint disabled`() async throws {
        try await StripeStandIn.with { stripe in
            _ = try await setup(stripe, "--url", Self.url, "--api-version", "2024-06-20", "--print-secret")
            let call = ["stripe", "setup", "--url", Self.url, "--api-version", "2025-09-30.clover", "--print-secret"]
            let ended = try await Program.with(call, environment: stripe.environment, writingTo: "/dev/full") {
                try await $0.ended()
            }
            #expect(ended.code == 1 && ended.errors.contains("the secret of we_2 was not shown"), "\(ended.errors)")
            #expect(stripe.endpoints.map { $0["status"]?.string } == ["enabled", "disabled"])
        }
    }

    @Test func `what was done is one object for programs, without a secret that is not asked for`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                func done(_ arguments: String...) async throws -> JSON {
                    let ended = try await setup(stripe, ["--url", Self.url, "--json"] + arguments)
                    #expect(ended.code == 0, "\(ended.errors)")
                    return try JSON(bytes: Array(ended.output.utf8))
                }
                func endpoint(_ id: String, _ change: String, enabled: Bool, version: String, at url: String) -> JSON {
                    [
                        "id": .string(id), "change": .string(change), "url": .string(url),
                        "api_version": .string(version), "enabled_events": .integer(Int64(Interpretation.types.count)),
                        "enabled": .bool(enabled), "connect": false,
                    ]
                }
                let (old, new) = ("2024-06-20", "2025-09-30.clover")
                let path = "\(folder)/1"
                let made = try await done("--api-version", old, "--secret-file", path)
                let first = endpoint("we_1", "made", enabled: true, version: old, at: Self.url)
                #expect(made == ["endpoints": [first], "secret_file": .string(path), "secret": .null])

                let same = try await done("--secret-file", "\(folder)/none")
                let unchanged = endpoint("we_1", "unchanged", enabled: true, version: old, at: Self.url)
                #expect(same == ["endpoints": [unchanged], "secret_file": .null, "secret": .null])

                stripe.change { $0.endpoints[0]["enabled_events"] = ["invoice.paid"] }
                let mended = endpoint("we_1", "mended", enabled: true, version: old, at: Self.url)
                #expect(try await done()["endpoints"] == [mended])

                let prepared = try await done("--api-version", new, "--print-secret")
                let place = "\(Self.url)?version=\(new)"
                let second = endpoint("we_2", "made", enabled: false, version: new, at: place)
                #expect(
                    prepared == [
                        "endpoints": [second, unchanged], "secret_file": .null, "secret": .string("\(Self.secret)2"),
                    ])

                let moved = try await done("--api-version", new, "--secret-is-set")
                let retired = endpoint("we_1", "disabled", enabled: false, version: old, at: Self.url)
                let current = endpoint("we_2", "mended", enabled: true, version: new, at: place)
                #expect(moved["endpoints"] == [current, retired])
            }
        }
    }

    @Test func `what was done before a failure is told to programs too`() async throws {
        try await StripeStandIn.with { stripe in
            _ = try await setup(stripe, "--url", Self.url, "--api-version", "2024-06-20", "--print-secret")
            // Where the new one cannot be read, another is made, which then cannot be disabled.
            stripe.change {
                for id in ["we_2", "we_3"] { $0.statuses["/v1/webhook_endpoints/\(id)"] = 400 }
            }
            let ended = try await setup(
                stripe, "--url", Self.url, "--api-version", "2025-09-30.clover", "--print-secret", "--json")
            #expect(ended.code == 1 && ended.errors.contains("400"), "\(ended.errors)")
            let told = try JSON(bytes: Array(ended.output.utf8))
            #expect(told["secret"]?.string == "\(Self.secret)3" && told["endpoints"]?.array?.first?["change"] == "made")
        }
    }
}
