// SPDX-License-Identifier: Apache-2.0

import EventReading
import Notation
import StripeAPI

/// Reads all lines of an invoice or a Checkout session. Each request is sent once: the table of fetches has it asked again.
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
            let answer = try await StripePage.answer(wanted.path, after: last, from: client) { request in
                request.account = wanted.account
                request.trigger = event
                request.sendOnce()
            }
            let page = try StripePage(try answer.json())
            lines += page.data
            guard let next = try page.next(after: last) else { return .array(lines) }
            last = next
        }
        throw StripeAPIError.unreadable("it has more than \(Self.pageLimit) pages")
    }
}
