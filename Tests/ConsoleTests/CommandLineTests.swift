// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import Notation
import Testing

@testable import Console

@Suite struct CommandLineTests {
    static let wrongUsage: [[String]] = [
        ["invoice.paid", "--id", "evt_1", "--count", "2"], ["invoice.paid", "--count", "0"], ["invoice"], ["invoice."],
        [".paid"], ["a..b"], ["invoice paid.x"], ["invoice.paid", "--customer", "cus 1"],
        ["invoice.paid", "--set", "x"],
        ["invoice.paid", "--to", "localhost:8080"], ["invoice.paid", "--secret", "whsec_..."],
        ["invoice.paid", "--secret", ""], ["invoice.paid", "--credits", "many"],
        ["invoice.paid", "--created", "today"],
        [], ["invoice.paid", "--unknown"],
    ]

    @Test(arguments: wrongUsage)
    func `wrong usage of trigger ends with 64`(arguments: [String]) {
        #expect(Self.exitCode(TriggerCommand.self, arguments) == 64)
    }

    @Test(arguments: [
        ["cus_1", "--allow", "--reason", "x", "--until", "tomorrow"], ["cus_1", "--reason", "x"],
        ["cus_1", "--allow", "--deny", "--reason", "x"], ["cus_1", "--allow"], ["cus_1", "--allow", "--reason", " "],
        ["a/b", "--allow", "--reason", "x"],
    ])
    func `wrong usage of customers override ends with 64`(arguments: [String]) {
        #expect(Self.exitCode(CustomersOverrideCommand.self, arguments) == 64)
    }

    @Test func `wrong usage of the other commands ends with 64`() {
        #expect(Self.exitCode(CustomersGrantCommand.self, ["cus_1", "--amount", "0", "--reason", "x"]) == 64)
        #expect(Self.exitCode(CustomersGrantCommand.self, ["cus_1", "--amount", "5"]) == 64)
        #expect(Self.exitCode(EventsListCommand.self, ["--limit", "101"]) == 64)
        #expect(Self.exitCode(EventsListCommand.self, ["--status", "lost"]) == 64)
        #expect(Self.exitCode(EventsListCommand.self, ["--url", "127.0.0.1"]) == 64)
        #expect(Self.exitCode(EventsListCommand.self, ["--token", "a\r\nb"]) == 64)
        #expect(Self.exitCode(ReplaysStartCommand.self, []) == 64)
        #expect(Self.exitCode(ReplaysStartCommand.self, ["--status", "pending"]) == 64)
        #expect(Self.exitCode(ReplaysCommand.Show.self, ["rpl/1"]) == 64)
        #expect(Self.exitCode(ReplaysCommand.Cancel.self, []) == 64)
        #expect(Self.exitCode(HealthcheckCommand.self, ["--url", "ftp://a"]) == 64)
    }

    @Test(arguments: [
        ["pro", "--bill", "credits"], ["pro", "--markup", "1"], ["pro", "--markup", "1", "--bill", "gold"],
        ["Pro", "--markup", "1", "--bill", "none"], ["--markup", "1", "--bill", "none"],
        ["pro", "--markup", "0", "--bill", "none"], ["pro", "--markup", "1.00001", "--bill", "none"],
        ["pro", "--markup", "1", "--bill", "none", "--included", "-1"],
        ["pro", "--markup", "1", "--bill", "none", "--tier", "1000"],
        ["pro", "--markup", "1", "--bill", "none", "--tier", "1000:0"],
        ["pro", "--markup", "1", "--bill", "none", "--tier", "x:1"],
        ["pro", "--markup", "1", "--bill", "none", "--tier", "1:2:3"],
        ["pro", "--markup", "1", "--bill", "none", "--price", "price 1"],
    ])
    func `wrong usage of plans set ends with 64`(arguments: [String]) {
        #expect(Self.exitCode(PlansCommand.Set.self, arguments) == 64)
    }

    @Test func `a plan's options are what is asked for`() throws {
        let command = try PlansCommand.Set.parse(
            ["pro", "--markup", "1.33", "--bill", "meter", "--tier", "10:1.2", "--tier", "20:1", "--price", "price_1"])
        #expect(
            command.wanted.json == [
                "markup": "1.33", "bill": "meter", "prices": ["price_1"],
                "tiers": [["above": "10", "markup": "1.2"], ["above": "20", "markup": "1"]],
            ])
    }

    @Test func `wrong usage of rates ends with 64`() {
        for id in ["rpl_1", "rtd/1", "prices.json", ""] {
            #expect(Self.exitCode(RatesDiffCommand.self, [id]) == 64)
            #expect(Self.exitCode(RatesApproveCommand.self, [id]) == 64)
        }
        #expect(Self.exitCode(RatesListCommand.self, ["--at", "soon"]) == 64)
        #expect(Self.exitCode(RatesImportCommand.self, []) == 64)
        #expect(Self.exitCode(RatesImportCommand.self, ["a.json", "--format", "csv"]) == 64)
        // Our own format says when its rates hold.
        #expect(Self.exitCode(RatesImportCommand.self, ["a.json", "--effective-at", "2026-11-01"]) == 64)
        let others = ["a.json", "--format", "litellm", "--effective-at", "2026-11-01"]
        #expect(Self.exitCode(RatesImportCommand.self, others) == nil)
    }

    @Test func `only what was missed is asked for where that is wanted`() throws {
        for (arguments, missed) in [([], nil), (["--missed"], true)] as [([String], Bool?)] {
            let command = try EventsListCommand.parse(arguments)
            #expect(Object<EventsAPI.ListParameters>(command.filter.fill).missed == missed)
            let counting = try EventsStatsCommand.parse(arguments)
            #expect(Object<EventsAPI.StatisticsParameters>(counting.filter.fill).missed == missed)
        }
    }

    @Test func `a time that is none ends with 64 and the option's own name`() {
        for (command, option) in [
            (EventsListCommand.self as any ParsableCommand.Type, "--created-after"),
            (ReplaysStartCommand.self, "--created-before"),
        ] {
            let arguments = command == EventsListCommand.self ? [] : ["--status", "failed"]
            do {
                _ = try command.parseAsRoot(arguments + [option, "yesterday"])
                Issue.record("\(option) yesterday was taken")
            } catch {
                #expect(command.exitCode(for: error).rawValue == 64)
                #expect(command.fullMessage(for: error).contains(option))
            }
        }
        #expect(Self.exitCode(PricesCommand.Set.self, ["price_1", "--credits", "0"]) == 64)
        // No customer can match both: an empty list would look like an answer.
        #expect(Self.exitCode(CustomersListCommand.self, ["--blocked", "--reason", "grace_period"]) == 64)
        #expect(Self.exitCode(CustomersListCommand.self, ["--allowed", "--reason", "disputed"]) == 64)
        #expect(Self.exitCode(CustomersListCommand.self, ["--blocked", "--reason", "disputed"]) == nil)
        #expect(Self.exitCode(EventsListCommand.self, ["--url", "http://a/b?c=d"]) == 64)
    }

    @Test(arguments: [["invoice.paid", "--set", "x"], ["invoice.paid", "--to", "x"], ["invoice"]])
    func `an example in an error can be copied without the full stop behind it`(arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { _ = try TriggerCommand.parseAsRoot(arguments) }
        #expect(TriggerCommand.message(for: error).hasSuffix("\"."), "\(TriggerCommand.message(for: error))")
    }

    @Test func `a time is a moment, a date or a distance`() throws {
        let now = try #require(Timestamp(rfc3339: "2026-11-26T09:00:00Z"))
        let cases = [
            ("2026-11-25T09:00:00Z", "2026-11-25T09:00:00Z", "2026-11-25T09:00:00Z"),
            ("2026-11-25", "2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z"),
            ("4h", "2026-11-26T05:00:00Z", "2026-11-26T13:00:00Z"),
            ("1d", "2026-11-25T09:00:00Z", "2026-11-27T09:00:00Z"),
        ]
        for (text, past, future) in cases {
            let time = try #require(PointInTime(argument: text))
            #expect("\(time.past(from: now))" == past)
            #expect("\(time.future(from: now))" == future)
        }
        for text in ["yesterday", "", "4", "2026-13-01", "2026-02-30", "26.11.2026", "-4h"] {
            #expect(PointInTime(argument: text) == nil, "\(text)")
        }
    }

    @Test(arguments: ["1764000000", "-5", "2026-11-26T09:00:00Z", "2026-11-26", "4h"])
    func `the time of an event is what any other time is, or unix time`(created: String) {
        #expect(Self.exitCode(TriggerCommand.self, ["invoice.paid", "--created", created]) == nil)
    }

    @Test func `the path that a proxy has the service under is kept`() {
        #expect(WebAddress.service("https://pay.example/tollgate/") == "https://pay.example/tollgate")
        #expect(WebAddress.service("http://127.0.0.1:8081/") == "http://127.0.0.1:8081")
        #expect(WebAddress.service("http://a/?b") == nil)
    }

    @Test func `a negative amount needs no trick`() throws {
        let command = try #require(
            try CustomersGrantCommand.parseAsRoot(["cus_1", "--amount", "-5", "--reason", "x"])
                as? CustomersGrantCommand)
        #expect(command.amount == -5)
    }

    @Test(arguments: [
        ("http://localhost:8080", "http://localhost:8080", ""), ("http://localhost:8080/", "http://localhost:8080", ""),
        ("https://pay.example/hooks?a=b", "https://pay.example", "/hooks?a=b"),
        ("http://[::1]:1", "http://[::1]:1", ""), ("http://a:1?b=c/d", "http://a:1", "/?b=c/d"),
    ])
    func `an address is split into where and what`(text: String, base: String, path: String) throws {
        let address = try #require(WebAddress(text))
        #expect(address.base == base)
        #expect(address.path == path)
    }

    @Test func `the path of an event is its own, whatever its id`() {
        #expect(EventsAPI.show.target(Object { $0.id = "evt_1" }) == "/admin/v1/events/evt_1")
        #expect(EventsAPI.show.target(Object { $0.id = "evt/a b" }) == "/admin/v1/events/evt%2Fa%20b")
        #expect(EventsAPI.show.target(Object { $0.id = "stats" }) == "/admin/v1/events/%73%74%61%74%73")
        #expect(EventsAPI.show.target(Object { $0.id = ".." }) == "/admin/v1/events/%2E%2E")
    }

    static func exitCode<Command: ParsableCommand>(_ command: Command.Type, _ arguments: [String]) -> Int32? {
        do {
            _ = try Command.parseAsRoot(arguments)
            return nil
        } catch {
            return Command.exitCode(for: error).rawValue
        }
    }
}
