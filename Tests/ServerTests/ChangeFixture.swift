// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// The feed of changes as a gateway reads it.
extension ServerFixture {
    /// What a page of the feed says.
    struct Changes {
        let data: [JSON]
        let cursor: String
        let hasMore: Bool

        /// `cus_1 3`: who, and which version.
        var summary: [String] {
            data.map { "\($0["customer"]?.string ?? "") \($0["version"]?.integer ?? 0)" }
        }
    }

    /// - Parameter query: besides the cursor.
    func changes(after cursor: String? = nil, _ query: String = "") async throws -> Changes {
        let parameters = [cursor.map { "cursor=\($0)" }, query.isEmpty ? nil : query].compactMap(\.self)
        let path = "/v1/changes" + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
        let answer = try await gateway("GET", path)
        #expect(answer.status == 200, "\(path): \(answer.text)")
        let json = try answer.json
        return Changes(
            data: try #require(json["data"]?.array), cursor: try #require(json["cursor"]?.string),
            hasMore: json["has_more"] == true)
    }

    /// Waits for a page that ends with a change. One that is committed can be read once all transactions that are older have
    /// ended, those of other tests' databases too; until then, what a position "now" has seen may come once more. What is due
    /// shows before its turn, so that a page which ends with it may lack what came before.
    func changes(after cursor: String, until last: String) async throws -> Changes {
        try await eventually(last) {
            let page = try await changes(after: cursor, "wait=5s")
            return page.summary.last == last ? page : nil
        }
    }

    /// Changes a customer's answer, and names the customer if nobody has.
    func override(_ customer: String = "cus_1", allowed: Bool) async throws {
        let body = #"{"allowed":\#(allowed),"reason":"test","until":null}"#
        #expect(try await admin("PUT", "/customers/\(customer)/override", body: body).status == 200)
    }

    /// Grants credits, of which the answer has no more than the number.
    func grant(_ customer: String = "cus_1", _ amount: Int, key: String) async throws {
        let answer = try await admin(
            "POST", "/customers/\(customer)/credits", headers: [("Idempotency-Key", key)],
            body: #"{"amount":\#(amount),"reason":"test"}"#)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// As if everybody's changes had been told of so long ago, or after now if that is negative.
    func told(_ ago: String) async throws {
        try await sql { connection in
            _ = try connection.executeScript("UPDATE tollgate.account SET feed_at = now() - interval '\(ago)'")
        }
    }

    /// How many wait at this process.
    func readers(_ kind: String) async throws -> Int? {
        try await metric("tollgate_feed_readers{kind=\"\(kind)\"}").flatMap { Int($0) }
    }

    func metric(_ series: String) async throws -> String? {
        try await inside("GET", "/metrics").text.split(separator: "\n")
            .first { $0.hasPrefix("\(series) ") }.map { String($0.dropFirst(series.count + 1)) }
    }

    /// The bytes of a request for a stream.
    func streamRequest(_ query: String = "", headers: [String] = []) -> String {
        let lines = [
            "GET /v1/changes/stream\(query) HTTP/1.1", "Host: test", "Authorization: Bearer \(Self.gatewayToken)",
        ]
        return (lines + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }
}
