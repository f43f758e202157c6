// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Notation
import TestSupport
import Testing

/// Cases of other people's customers, each a sequence of events and the right answer, played through the rules alone.
@Suite struct FieldReportTests {
    private static let path = ProcessInfo.processInfo.environment["TOLLGATE_FIELD_REPORTS"]
        .flatMap { $0.isEmpty ? nil : $0 }

    /// The ids of reports that still fail. One that passes must be removed.
    private static let notYetMended: Set<String> = []

    @Test(.enabled(if: path != nil, "TOLLGATE_FIELD_REPORTS names no file"))
    func `every field report ends as it should, in the order given and in a hundred others`() throws {
        let contents = try Data(contentsOf: URL(filePath: try #require(Self.path)))
        let reports = try #require(try JSON(bytes: contents).array).map(FieldReport.init)
        try #require(!reports.isEmpty)
        var mended = 0
        for report in reports {
            let problem = report.problem
            if Self.notYetMended.contains(report.id) {
                #expect(problem != nil, "\(report.id) ends as it should: take it off the list")
            } else {
                #expect(problem == nil, "\(report.id), \(report.title)")
                mended += 1
            }
        }
        #expect(Self.notYetMended.isSubset(of: reports.map(\.id)))
        print("\(mended) of \(reports.count) field reports end as they should")
    }
}

/// One report: events, with times relative to now, and the answer expected after them.
struct FieldReport {
    let id: String
    let title: String
    private let prices: [String: Price]
    private let want: JSON
    /// Each with its time of creation.
    private let events: [(at: Timestamp, event: JSON)]

    private static let now = t0

    init(_ json: JSON) throws {
        let id = try #require(json["id"]?.string)
        self.id = id
        title = json["title"]?.string ?? ""
        want = try #require(json["want"])
        prices = try (json.at("setup.prices")?.object ?? [:]).mapValues { Price(credits: try #require($0.integer)) }
        events = try #require(json["events"]?.array).enumerated().map { index, event in
            try Self.event(event, id: "evt_\(id)_\(index)")
        }
        // A member that this test does not know must not be ignored.
        try Self.require(json, ["id", "title", "source", "note", "setup", "events", "want"])
        try Self.require(want, ["customer", "allowed", "reason", "credits"])
        if let setup = json["setup"] { try Self.require(setup, ["prices"]) }
    }

    private static func event(_ told: JSON, id: String) throws -> (at: Timestamp, event: JSON) {
        try require(told, ["type", "created_offset_seconds", "api_version", "object", "previous_attributes"])
        let at = now + (try #require(told["created_offset_seconds"]?.integer))
        let object = resolve(try #require(told["object"]))
        var event = Events.event(try #require(told["type"]?.string), id: id, created: at, object: object).object ?? [:]
        event["api_version"] = told["api_version"]
        if let previous = told["previous_attributes"] {
            event["data"] = ["object": object, "previous_attributes": resolve(previous)]
        }
        return (at, .object(event))
    }

    private static func require(_ json: JSON, _ keys: Set<String>) throws {
        let unknown = Set(try #require(json.object).keys).subtracting(keys)
        try #require(unknown == [], "a report says what this test does not understand")
    }

    /// Replaces texts such as `@now-3600` by times.
    private static func resolve(_ json: JSON) -> JSON {
        switch json {
        case .string(let text) where text.hasPrefix("@now"):
            Int64(text.dropFirst(4)).map { .integer((now + $0).seconds) } ?? json
        case .array(let elements): .array(elements.map(resolve))
        case .object(let members): .object(members.mapValues(resolve))
        default: json
        }
    }

    /// - Returns: the first difference from the expected answer; nil if there is none.
    var problem: String? {
        if let problem = problem(after: events) { return problem }
        var random = SeededRandom(1)
        for _ in 0..<100 {
            let order = events.shuffled(using: &random).map { (Self.now, $0.event) }
            if let problem = problem(after: order) {
                let names = order.compactMap { $0.1["id"]?.string }.joined(separator: ", ")
                return "\(problem) after \(names)"
            }
        }
        return nil
    }

    private func problem(after deliveries: [(at: Timestamp, event: JSON)]) -> String? {
        do {
            var world = try World(prices: prices)
            for (at, event) in deliveries {
                do {
                    try world.take(event, at: at)
                } catch is FieldError {
                    // The event fails, at least in part; the following ones count all the same.
                }
            }
            let customer = want["customer"]?.string ?? ""
            var account = world[customer]
            account.elapse(to: Self.now, policy: policy)
            let decision = account.decide(at: Self.now, policy: policy)
            guard account.access?.current.decision == decision else { return "the stored answer is another" }
            guard decision.allowed == want["allowed"]?.bool, decision.reason.rawValue == want["reason"]?.string else {
                return "\(customer) is \(decision.reason)"
            }
            if let credits = want["credits"]?.integer, account.balance.credits != credits {
                return "\(customer) has \(account.balance.credits) credits instead of \(credits)"
            }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
