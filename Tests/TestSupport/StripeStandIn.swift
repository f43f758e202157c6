// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation

/// scripts/stripe/standin.py as a process: it has Stripe's routes, shapes and refusals. Its state and its control routes are
/// described there.
package struct StripeStandIn: Sendable {
    package static let key = "sk_test_standin"

    package let port: Int
    package var base: String { "http://127.0.0.1:\(port)" }

    /// - Parameter state: what it knows; see scripts/stripe/book.py.
    package static func with<T: Sendable>(
        _ state: JSON, _ body: (StripeStandIn) async throws -> T
    ) async throws -> T {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("standin-\(UUID().uuidString).json")
        try Data(state.bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let standIn = StripeStandIn(port: try FreePort.find())
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../scripts/stripe/standin.py").standardized.path
        return try await OtherProgram.with(
            "/usr/bin/python3", [script, "--port", "\(standIn.port)", "--state", file.path]
        ) {
            try await eventually("the stand-in for Stripe listens") {
                try? await HTTPConnection.request(port: standIn.port, "GET /_standin/faults").status == 200 ? true : nil
            }
            return try await body(standIn)
        }
    }

    /// Adds accounts, keys, events and objects, or replaces those of the same id.
    package func add(_ state: JSON) async throws { try await control("POST /_standin/state", state) }

    /// - Parameter fault: such as `["path": "/v1/events", "status": 429, "times": 2]`.
    package func fail(_ fault: JSON) async throws { try await control("POST /_standin/faults", fault) }

    package func recover() async throws { try await control("DELETE /_standin/faults") }

    /// - Parameter seconds: how far its clock is ahead of this machine's; negative for behind.
    package func turnClock(_ seconds: Int64) async throws {
        try await control("POST /_standin/clock", ["ahead": .integer(seconds)])
    }

    /// What it was asked, oldest first.
    package func requests() async throws -> [JSON] {
        let answer = try await HTTPConnection.request(port: port, "GET /_standin/requests")
        let log = try JSON(bytes: Array(answer.body.utf8))
        return (log.array ?? log["data"]?.array ?? [])
    }

    private func control(_ line: String, _ body: JSON? = nil) async throws {
        let answer = try await HTTPConnection.request(
            port: port, line, body: body.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
        guard (200..<300).contains(answer.status) else {
            throw NeverCame(description: "the stand-in refuses \(line): \(answer.status) \(answer.body)")
        }
    }

    /// An event as Stripe lists it.
    /// - Parameter created: Unix time.
    package static func event(
        _ id: String, _ type: String = "customer.created", created: Int64, object: JSON = ["id": "cus_1"],
        appearsAt: Int64? = nil
    ) -> JSON {
        var members: [String: JSON] = [
            "id": .string(id), "object": "event", "type": .string(type), "created": .integer(created),
            "livemode": false, "api_version": "2025-09-30.clover", "pending_webhooks": 0,
            "request": ["id": .null, "idempotency_key": .null], "data": ["object": object],
        ]
        if let appearsAt { members["_standin"] = ["appears_at": .integer(appearsAt)] }
        return .object(members)
    }
}
