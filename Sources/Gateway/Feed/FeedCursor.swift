// SPDX-License-Identifier: Apache-2.0

import Store

/// A position of the feed as a client keeps it: whose feed it is, and how far it was read. It never gets too old by age:
/// the feed is the accounts themselves.
package struct FeedCursor: Sendable, Hashable {
    package let identity: String
    package let position: FeedPosition

    package init(identity: String, position: FeedPosition) {
        self.identity = identity
        self.position = position
    }

    /// What comes after this moment.
    package init(_ moment: FeedMoment) {
        self.init(identity: moment.identity, position: moment.position)
    }

    /// `0123456789abcdef.4711.cus_1`, without the last part where nothing of the transaction was read.
    package var text: String {
        let head = "\(identity).\(position.xid)"
        return position.customer.isEmpty ? head : "\(head).\(position.customer)"
    }

    /// - Returns: nil for what is no cursor of any feed.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0].utf8.count == 16, parts[0].utf8.allSatisfy(Self.isHexDigit),
            let xid = UInt64(parts[1]), String(xid) == parts[1], 1...Self.lastXID ~= xid
        else { return nil }
        let customer = parts.count == 3 ? String(parts[2]) : ""
        guard parts.count == 2 || Self.isID(customer) else { return nil }
        self.init(identity: String(parts[0]), position: FeedPosition(xid: xid, customer: customer))
    }

    /// 19 digits, as the contract's pattern says.
    private static let lastXID: UInt64 = 9_999_999_999_999_999_999

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }

    private static func isID(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
