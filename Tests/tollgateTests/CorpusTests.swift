import Foundation
import Stripe
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
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                var ids: [(name: String, id: String)] = []
                for (index, name) in names.enumerated() {
                    let contents = try Data(contentsOf: URL(filePath: folder).appending(path: name))
                    guard case .object(var event) = try JSON(bytes: contents) else { continue }
                    event["id"] = .string("evt_corpus_\(index)")
                    // Nothing shall pass by being of the other mode.
                    if event["livemode"] == true { event["livemode"] = false }
                    let (status, body) = try await server.post(JSON.object(event).bytes)
                    #expect(status == 200, "\(name)")
                    ids.append((name, body["id"]?.string ?? ""))
                }
                var unusable = 0
                for (name, id) in ids {
                    let event = try await eventually("the end of \(name)", within: .seconds(60)) {
                        let event = try await server.get("/admin/v1/events/\(id)").body
                        return event["status"] == "pending" ? nil : event
                    }
                    #expect(event["detail"] != "wrong_mode", "\(name)")
                    let status = event["status"]?.string ?? ""
                    if ["failed", "quarantined"].contains(status) {
                        unusable += 1
                        print("\(status)\t\(name)\t\(event["error"]?.string ?? "")")
                    } else if event["detail"] == "foreign_account" {
                        print("foreign\t\(name)")
                    }
                }
                print("\(ids.count) events, of which \(unusable) are unusable")
                #expect(unusable * 20 <= ids.count)
            }
        }
    }
}
