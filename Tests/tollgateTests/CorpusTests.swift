// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation
import TestSupport
import Testing

/// Captured events of others, through the real server.
@Suite struct CorpusTests {
    static let folder = ProcessInfo.processInfo.environment["TOLLGATE_EVENT_CORPUS"].flatMap { $0.isEmpty ? nil : $0 }

    @Test(.enabled(if: folder != nil, "TOLLGATE_EVENT_CORPUS names no folder"))
    func `every captured event is acknowledged and ends`() async throws {
        let folder = try #require(Self.folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted()
        try #require(!names.isEmpty)
        let ends = try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                var posted: [(name: String, id: String)] = []
                for (index, name) in names.enumerated() {
                    let contents = try Data(contentsOf: URL(filePath: folder).appending(path: name))
                    let id = try await Self.post(contents, as: "evt_corpus_\(index)", name, to: server)
                    if let id { posted.append((name, id)) }
                }
                var ends: [CorpusReport.End] = []
                for (name, id) in posted { ends.append(try await Self.end(of: id, name, on: server)) }
                return ends
            }
        }
        let report = CorpusReport(ends)
        print(report.text)
        #expect(ends.count == names.count)
        // Every usable event must be used, and none of a wanted type ignored as unhandled.
        let unusable = Set(ends.filter(\.isUnusable).map(\.name))
        #expect(unusable.subtracting(Self.unusable) == [])
        #expect(Set(ends.filter { $0.status == "ignored" }.compactMap(\.why)).subtracting(Self.reasons) == [])
        let wanted = ends.filter { $0.why == "unhandled_type" && Self.isWanted($0.kind) }.map(\.name)
        #expect(wanted == [])
    }

    /// Not events as Stripe sends them: amounts in dollars, no envelope, or lines that are not a list.
    private static let unusable: Set<String> = [
        "dj-stripe/object_invoice_metered_subscription.json", "dj-stripe/invoice_in_fakefakefakefakefake0001.json",
        "ruby-mock/account.updated-1.json",
    ]

    /// Why an event may be ignored. Not `wrong_mode`: all are in the server's mode.
    private static let reasons: Set<String> = [
        "unhandled_type", "foreign_account", "not_a_payment", "unpaid", "no_payment",
    ]

    /// Whether docs/stripe.md lists the type among those to enable.
    private static func isWanted(_ kind: String) -> Bool {
        let type = String(kind.prefix { $0 != "\t" })
        let families = ["customer.subscription.", "refund.", "charge.dispute."]
        return families.contains { type.hasPrefix($0) } || wanted.contains(type)
    }

    private static let wanted: Set<String> = [
        "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed", "invoice.overdue", "invoice.voided",
        "invoice.marked_uncollectible", "customer.deleted", "checkout.session.completed",
        "checkout.session.async_payment_succeeded", "payment_intent.succeeded", "invoice_payment.paid",
        "charge.refunded", "charge.succeeded",
    ]

    /// - Returns: the id that it is stored under; nil if it is not a JSON object.
    private static func post(
        _ contents: Data,
        as id: String,
        _ name: String,
        to server: RunningServer
    ) async throws -> String? {
        guard case .object(var event) = try JSON(bytes: contents) else { return nil }
        event["id"] = .string(id)
        // No event may be ignored for its mode.
        if event["livemode"] == true { event["livemode"] = false }
        let (status, body) = try await server.post(JSON.object(event).bytes)
        #expect(status == 200, "\(name)")
        return body["id"]?.string
    }

    private static func end(of id: String, _ name: String, on server: RunningServer) async throws -> CorpusReport.End {
        try await eventually("the end of \(name)") {
            let event = try await server.get("/admin/v1/events/\(id)").body
            return event["status"] == "pending" ? nil : CorpusReport.End(name, event)
        }
    }
}

/// How captured events ended, by type and version.
struct CorpusReport {
    struct End {
        let name: String
        let kind: String
        let status: String
        let why: String?

        init(_ name: String, _ event: JSON) {
            self.name = name
            kind = "\(event["type"]?.string ?? "-")\t\(event["api_version"]?.string ?? "-")"
            status = event["status"]?.string ?? ""
            why = event["error"]?.string ?? event["detail"]?.string
        }

        var isUnusable: Bool { status == "failed" || status == "quarantined" }
        var words: String { why.map { "\(status): \($0)" } ?? status }
    }

    private let ends: [End]

    init(_ ends: [End]) {
        self.ends = ends
    }

    var unusable: Int { ends.count(where: \.isUnusable) }

    var text: String {
        let kinds = Dictionary(grouping: ends, by: \.kind).sorted { $0.key < $1.key }
        let table = kinds.map { kind, ends in
            let counts = Dictionary(grouping: ends, by: \.words).sorted { $0.key < $1.key }
            return "\(kind)\t\(counts.map { "\($0.value.count) \($0.key)" }.joined(separator: ", "))"
        }
        let trouble = ends.filter(\.isUnusable).map { "\($0.name)\t\($0.words)" }
        return (table + trouble + ["\(ends.count) events, of which \(unusable) are unusable"]).joined(separator: "\n")
    }
}
