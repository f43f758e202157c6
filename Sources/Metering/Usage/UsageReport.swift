// SPDX-License-Identifier: Apache-2.0

import Notation

/// A call as a gateway reports it: what it used, when, and whose it was.
package struct UsageReport: Hashable, Sendable {
    /// What a gateway may add for its customer's eyes; nothing is charged by it.
    package struct Request: Hashable, Sendable {
        package var session: String?
        /// In characters.
        package var contentLength: Int64?
        package var responseLength: Int64?
        package var labels: [String: String] = [:]

        package init() {}
    }

    /// Chosen by the gateway; never used twice.
    package var id: String
    /// One of this and `key` is there.
    package var customer: String?
    package var key: String?
    package var call: UsageRecord
    /// When the call was made: it chooses the price.
    package var at: Timestamp
    /// The hold that was made for it.
    package var hold: String?
    package var request = Request()

    package init(id: String, customer: String?, key: String?, call: UsageRecord, at: Timestamp, hold: String? = nil) {
        self.id = id
        self.customer = customer
        self.key = key
        self.call = call
        self.at = at
        self.hold = hold
    }
}
