// SPDX-License-Identifier: Apache-2.0

import EventReading
import Notation
import StripeAPI

/// Reads all lines of an invoice or a Checkout session.
struct LineReader: Sendable {
    /// What nobody sells; a list that goes on for ever ends here.
    private static let pageLimit = 100

    let client: StripeClient

    /// - Returns: a JSON array.
    /// - Throws: `StripeAPIError`; `CancellationError`.
    func lines(_ wanted: WantedLines, because event: String) async throws -> JSON {
        var lines: [JSON] = []
        var last: String?
        for _ in 0..<Self.pageLimit {
            var request: StripeRequest =
                if let last {
                    .get(wanted.path, ["limit": "100", "starting_after": last])
                } else {
                    .get(wanted.path, ["limit": "100"])
                }
            request.account = wanted.account
            request.trigger = event
            let page = try await client.send(request)
            guard let data = page["data"]?.array, let hasMore = page["has_more"]?.bool else {
                throw StripeAPIError.unreadable("it is no list")
            }
            lines += data
            guard hasMore else { return .array(lines) }
            guard let id = data.last?["id"]?.string, id != last else {
                throw StripeAPIError.unreadable("its list does not go on")
            }
            last = id
        }
        throw StripeAPIError.unreadable("it has more than \(Self.pageLimit) pages")
    }
}
