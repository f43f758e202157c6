// SPDX-License-Identifier: Apache-2.0

import EventReading
import Foundation
import Glibc
import Notation
import TestSupport
import Testing

/// `tollgate stripe setup` with the real binary, against something that plays Stripe.
@Suite struct StripeSetupTests {
    private static let url = "https://hooks.example.com/webhooks/stripe"
    private static let secret = "whsec_secretOfEndpoint"

    private func setup(
        _ stripe: StripeStandIn, _ arguments: String..., environment: [String: String] = [:], in folder: String = "/tmp"
    ) async throws -> Program.Ended {
        try await setup(stripe, arguments, environment: environment, in: folder)
    }

    private func setup(
        _ stripe: StripeStandIn, _ arguments: [String], environment: [String: String] = [:], in folder: String = "/tmp"
    ) async throws -> Program.Ended {
        let ended = try await Program.run(
            ["stripe", "setup"] + arguments, environment: stripe.environment.merging(environment) { $1 }, in: folder)
        #expect(!(ended.output + ended.errors).contains(StripeStandIn.key))
        if !arguments.contains("--print-secret") {
            #expect(!(ended.output + ended.errors).contains(Self.secret), "\(ended.output)")
        }
        return ended
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func contents(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `an endpoint is made once, and its secret is in a file of its owner alone`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let path = "\(folder)/secret"
                let first = try await setup(stripe, "--url", Self.url, "--secret-file", path)
                #expect(first.code == 0, "\(first.errors)")
                #expect(try contents(path) == "\(Self.secret)1")
                #expect(mode(path) == 0o600)
                #expect(first.output.contains("STRIPE_WEBHOOK_SECRET_FILE=\(path)\n"), "\(first.output)")
                let endpoint = try #require(stripe.endpoints.first)
                #expect(Set(endpoint["enabled_events"]?.array?.compactMap(\.string) ?? []) == Interpretation.types)
                #expect(endpoint["url"]?.string == Self.url && endpoint["api_version"]?.string == "2025-09-30.clover")
                #expect(endpoint["status"] == "enabled")

                // As if it had been killed before it said so.
                let told = try await setup(stripe, "--url", Self.url, "--secret-file", path)
                #expect(told.output.contains("STRIPE_WEBHOOK_SECRET_FILE=\(path)\n"), "\(told.output)")
                let changes = stripe.changes.count
                for _ in 1...2 {
                    let again = try await setup(stripe, "--url", "HTTPS://hooks.example.com:443/webhooks/stripe")
                    #expect(
                        again.code == 0 && again.output.hasPrefix("nothing to do: we_1 "),
                        "\(again.output)\(again.errors)")
                }
                #expect(stripe.changes.count == changes && stripe.endpoints.count == 1)
            }
        }
    }

    @Test func `without a place for the secret nothing is made`() async throws {
        try await StripeStandIn.with { stripe in
            let ended = try await setup(stripe, "--url", Self.url)
            #expect(ended.code == 64 && ended.errors.contains("--secret-file"), "\(ended.errors)")
            #expect(stripe.changes.isEmpty && stripe.endpoints.isEmpty)
        }
    }

    @Test func `a file that holds something is not touched, and nothing is made`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let path = "\(folder)/secret"
                try "mine".write(toFile: path, atomically: false, encoding: .utf8)
                let full = try await setup(stripe, "--url", Self.url, "--secret-file", path)
                #expect(full.code == 1 && full.errors.contains("not overwritten"), "\(full.errors)")
                #expect(try contents(path) == "mine")
                try FileManager.default.createSymbolicLink(
                    atPath: "\(folder)/link", withDestinationPath: "\(folder)/other")
                for wrong in ["\(folder)/none/secret", folder, "\(folder)/link"] {
                    let ended = try await setup(stripe, "--url", Self.url, "--secret-file", wrong)
                    #expect(ended.code == 1 && ended.errors.contains(wrong), "\(wrong): \(ended.errors)")
                }
                #expect(stripe.changes.isEmpty)
                // What Stripe refuses leaves no file behind.
                stripe.change { $0.denied["/v1/webhook_endpoints"] = "rak_webhook_write" }
                let refused = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/new")
                #expect(refused.code == 1 && refused.errors.contains("rak_webhook_write"), "\(refused.errors)")
                #expect(
                    refused.errors.contains("https://dashboard.stripe.com/apikeys/create?name=Tollgate&permissions[0]=")
                )
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/new"))
                // What went wrong comes before the long link.
                #expect(refused.errors.hasPrefix("tollgate: the key in STRIPE_API_KEY lacks"), "\(refused.errors)")
            }
        }
    }

    @Test func `a call whose answer is lost is repeated with the same endpoint and the same secret`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let path = "\(folder)/secret"
                // As often as the client tries.
                stripe.change { $0.lostAnswers = 4 }
                let lost = try await setup(stripe, "--url", Self.url, "--secret-file", path)
                #expect(lost.code == 1 && lost.errors.contains("run the same command again"), "\(lost.errors)")
                #expect(lost.errors.hasPrefix("tollgate: Stripe's API cannot be reached"), "\(lost.errors)")
                #expect(try contents(path) == "")
                #expect(mode(path) == 0o600)
                #expect(stripe.endpoints.count == 1)

                let again = try await setup(stripe, "--url", Self.url, "--secret-file", path)
                #expect(again.code == 0, "\(again.errors)")
                #expect(try contents(path) == "\(Self.secret)1")
                #expect(stripe.endpoints.count == 1)

                // An empty file for an endpoint whose secret can no longer be learned is never taken for success.
                try "".write(toFile: "\(folder)/other", atomically: false, encoding: .utf8)
                try #require(stripe.endpoints.count == 1)
                stripe.change { $0.endpoints[0]["created"] = 1_700_000_000 }
                let late = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/other")
                #expect(late.code == 1 && late.errors.contains("reveal it in Workbench"), "\(late.errors)")
                #expect(stripe.endpoints.count == 1)
            }
        }
    }

    @Test func `an endpoint that was deleted is made anew, whatever Stripe remembers`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                _ = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/1")
                try #require(stripe.endpoints.count == 1)
                stripe.change { $0.endpoints[0]["id"] = "we_0" }
                stripe.change { $0.endpoints[0]["url"] = "https://elsewhere.example.com" }
                let again = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/2")
                #expect(again.code == 0, "\(again.errors)")
                #expect(try contents("\(folder)/2") == "\(Self.secret)2")
            }
        }
    }

    @Test func `a refusal that Stripe remembers does not outlive its reason`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                stripe.change { $0.limit = 0 }
                let refused = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/1")
                #expect(refused.code == 1 && refused.errors.contains("400"), "\(refused.errors)")
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/1"))
                stripe.change { $0.limit = 16 }
                let made = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/1")
                #expect(made.code == 0 && stripe.endpoints.count == 1, "\(made.errors)")
                #expect(try contents("\(folder)/1") == "\(Self.secret)1")
            }
        }
    }

    @Test func `the secret of another endpoint is never taken for this one's`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                _ = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/1")
                // It was deleted, and another one made of which only Stripe knows the secret.
                try #require(stripe.endpoints.count == 1)
                stripe.change { $0.endpoints[0]["id"] = "we_7" }
                try "".write(toFile: "\(folder)/2", atomically: false, encoding: .utf8)
                let ended = try await setup(stripe, "--url", Self.url, "--secret-file", "\(folder)/2")
                #expect(ended.code == 1 && ended.errors.contains("secret of we_7 again"), "\(ended.errors)")
                #expect(try contents("\(folder)/2") == "" && stripe.endpoints.count == 1)
            }
        }
    }

    @Test func `an endpoint is mended: types, and whether it is enabled`() async throws {
        try await StripeStandIn.with { stripe in
            _ = try await setup(stripe, "--url", Self.url, "--print-secret")
            try #require(stripe.endpoints.count == 1)
            stripe.change {
                $0.endpoints[0]["enabled_events"] = ["invoice.paid", "payout.paid"]
                $0.endpoints[0]["status"] = "disabled"
            }
            let mended = try await setup(stripe, "--url", Self.url)
            #expect(mended.code == 0 && mended.output.contains("customer.deleted"), "\(mended.output)\(mended.errors)")
            func types() -> Set<String> {
                Set(stripe.endpoints.first?["enabled_events"]?.array?.compactMap(\.string) ?? [])
            }
            #expect(types() == Interpretation.types.union(["payout.paid"]))
            #expect(stripe.endpoints.first?["status"] == "enabled")
            #expect(mended.output.contains("\n  tollgate stripe backfill --since 72h\n"), "\(mended.output)")
            let exact = try await setup(stripe, "--url", Self.url, "--exact")
            #expect(exact.output.contains("removed payout.paid"), "\(exact.output)")
            #expect(types() == Interpretation.types)
        }
    }

    @Test func `the secret that is printed is alone on standard output`() async throws {
        try await StripeStandIn.with { stripe in
            let ended = try await setup(stripe, "--url", Self.url, "--print-secret")
            #expect(ended.code == 0 && ended.output == "\(Self.secret)1\n")
            #expect(!ended.errors.contains(Self.secret) && ended.errors.contains("we_1 is made"), "\(ended.errors)")
        }
    }

    @Test func `the endpoint of connected accounts is made beside the account's own`() async throws {
        try await StripeStandIn.with { stripe in
            _ = try await setup(stripe, "--url", Self.url, "--print-secret")
            let connect = try await setup(
                stripe, "--url", Self.url, "--connect", "--secret-file", "/dev/null/x")
            #expect(connect.code == 1 && stripe.endpoints.count == 1)
            try await TemporaryFolder.with { folder in
                let ended = try await setup(
                    stripe, "--url", Self.url, "--connect", "--secret-file", "\(folder)/c",
                    environment: ["STRIPE_WEBHOOK_SECRET": "\(Self.secret)1"])
                #expect(ended.code == 0, "\(ended.errors)")
                let line = "STRIPE_WEBHOOK_SECRET=\"${STRIPE_WEBHOOK_SECRET:?},connect=$(cat '\(folder)/c')\""
                #expect(ended.output.contains(line), "\(ended.output)")
                #expect(stripe.endpoints.count == 2 && stripe.endpoints.last?["application"] == "ca_1")
            }
            #expect(try await setup(stripe, "--url", Self.url, "--connect").output.hasPrefix("nothing to do: we_2 "))
        }
    }

    @Test func `another API version is moved to in two calls, and something always delivers`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                _ = try await setup(stripe, "--url", Self.url, "--api-version", "2024-06-20", "--print-secret")
                let path = "\(folder)/new"
                func move(_ environment: [String: String]) async throws -> Program.Ended {
                    try await setup(
                        stripe, "--url", Self.url, "--api-version", "2025-09-30.clover", "--secret-file", path,
                        environment: environment)
                }
                let old = ["STRIPE_WEBHOOK_SECRET": "\(Self.secret)1"]
                let first = try await move(old)
                #expect(
                    first.code == 0 && first.output.contains("v2025-09-30=$(cat '\(path)')"),
                    "\(first.output)\(first.errors)")
                func states() -> [String?] { stripe.endpoints.map { $0["status"]?.string } }
                #expect(states() == ["enabled", "disabled"])
                #expect(stripe.endpoints.last?["url"]?.string == "\(Self.url)?version=2025-09-30.clover")

                // As if it had been killed before it disabled the new one.
                stripe.change { $0.endpoints[1]["status"] = "enabled" }
                let killed = try await move(old)
                #expect(killed.code == 0 && killed.output.contains("=$(cat '\(path)')"), "\(killed.output)")
                #expect(states() == ["enabled", "disabled"])

                // Tollgate does not know the secret yet.
                let early = try await move(old)
                #expect(early.code == 1 && early.errors.contains("does not hold the secret"), "\(early.errors)")
                #expect(states() == ["enabled", "disabled"])

                // Nor does anybody say so.
                let unset = try await move([:])
                #expect(unset.code == 1 && unset.errors.contains("--secret-is-set"), "\(unset.errors)")
                #expect(states() == ["enabled", "disabled"])

                let second = try await move(["STRIPE_WEBHOOK_SECRET": "\(Self.secret)1,new=\(Self.secret)2"])
                #expect(second.code == 0, "\(second.errors)")
                #expect(states() == ["disabled", "enabled"])
                let order = stripe.changes.suffix(2)
                #expect(order.first?.contains("we_2 ") == true && order.last?.contains("we_1 ") == true, "\(order)")
                #expect(try await move([:]).output.hasPrefix("nothing to do: we_2 "))
            }
        }
    }

    @Test func `without the file of the new secret, the move takes as many secrets as deliver, or a word`() async throws
    {
        try await StripeStandIn.with { stripe in
            let call = ["--url", Self.url, "--api-version"]
            _ = try await setup(stripe, call + ["2024-06-20", "--print-secret"])
            _ = try await setup(stripe, call + ["2025-09-30.clover", "--print-secret"])
            func states() -> [String?] { stripe.endpoints.map { $0["status"]?.string } }
            func move(_ version: String, _ secrets: String?, _ option: String...) async throws -> Program.Ended {
                let environment = secrets.map { ["STRIPE_WEBHOOK_SECRET": $0] } ?? [:]
                return try await setup(stripe, call + [version] + option, environment: environment)
            }
            // A word does not outweigh what is seen.
            let early = try await move("2025-09-30.clover", "\(Self.secret)1", "--secret-is-set")
            #expect(early.code == 1 && early.errors.contains("add that of we_2"), "\(early.errors)")
            #expect(states() == ["enabled", "disabled"])
            let labelled = try await move("2025-09-30.clover", "v2025-09-30=\(Self.secret)2")
            #expect(labelled.code == 0 && states() == ["disabled", "enabled"], "\(labelled.errors)")
            let back = try await move("2024-06-20", "\(Self.secret)1,new=\(Self.secret)2")
            #expect(back.code == 0 && states() == ["enabled", "disabled"], "\(back.errors)")
            let said = try await move("2025-09-30.clover", nil, "--secret-is-set")
            #expect(said.code == 0 && states() == ["disabled", "enabled"], "\(said.errors)")
        }
    }

    @Test(arguments: [
        ["--url", "hooks.example.com"], [], ["--url", url, "--secret-file", "/tmp/x", "--print-secret"],
        ["--url", url, "--api-version", "clover", "--print-secret"], ["--url", url, "--secret-file", ""],
    ])
    func `a wrong use is told before anything is asked`(_ arguments: [String]) async throws {
        let ended = try await Program.run(["stripe", "setup"] + arguments, environment: [:])
        #expect(ended.code == 64, "\(ended.errors)")
    }

    @Test func `without a key, with one of the other mode, and with http in live mode it does not begin`() async throws
    {
        let missing = try await Program.run(["stripe", "setup", "--url", Self.url, "--print-secret"], environment: [:])
        #expect(missing.code == 78 && missing.errors.contains("STRIPE_API_KEY"), "\(missing.errors)")
        let other = try await Program.run(
            ["stripe", "setup", "--url", Self.url, "--print-secret"], environment: ["STRIPE_API_KEY": StripeStandIn.key]
        )
        #expect(other.code == 78, "\(other.errors)")
        let plain = try await Program.run(
            ["stripe", "setup", "--url", "http://hooks.example.com/webhooks/stripe", "--print-secret"],
            environment: ["STRIPE_API_KEY": "rk_live_0123456789"])
        #expect(plain.code == 64 && plain.errors.contains("https only"), "\(plain.errors)")
        // As the parser tells what it refuses itself.
        let parsed = try await Program.run(["stripe", "setup", "--url", "x", "--print-secret"], environment: [:])
        let usage = parsed.errors.split(separator: "\n").dropFirst()
        #expect(usage.count == 2 && usage.first?.hasPrefix("Usage: tollgate stripe setup --url ") == true)
        #expect(plain.errors.split(separator: "\n").dropFirst() == usage, "\(plain.errors)")
        try await StripeStandIn.with { stripe in
            let warned = try await setup(stripe, "--url", "http://hooks.example.com/stripe", "--print-secret")
            #expect(warned.code == 0 && warned.errors.contains("is not https"), "\(warned.errors)")
            #expect(warned.errors.contains("/stripe, while Tollgate takes events at /webhooks/stripe"))
        }
    }

    @Test func `the types are printed for who sets an endpoint up by hand`() async throws {
        let json = try await Program.run(["stripe", "types", "--json"], environment: [:])
        let types = try JSON(bytes: Array(json.output.utf8))["types"]?.array ?? []
        #expect(Set(types.compactMap { $0["type"]?.string }) == Interpretation.types)
        let text = try await Program.run(["stripe", "types"], environment: [:])
        #expect(text.output.split(separator: "\n").count == Interpretation.types.count + 1)
    }
}
