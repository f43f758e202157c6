// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe
import StripeAPI

/// One page of Stripe's list of events, each read by itself: one that cannot be read hides no other.
struct EventPage: Sendable {
    /// As their webhooks show them.
    let events: [[UInt8]]
    /// The id that the next page begins after; nil: there is no next page, or no event of this one can be named.
    let next: String?
    /// Whether Stripe has more.
    let hasMore: Bool

    fileprivate enum Element {
        case read(JSON)
        /// What the reader refuses.
        case unread(ArraySlice<UInt8>)
    }

    /// - Parameters:
    ///   - last: the id that this page began after; nil for the first page.
    ///   - account: whose events were asked for; nil for those of the account of the key itself.
    init(_ answer: StripeAnswer, after last: String?, account: String?) throws(StripeAPIError) {
        let elements: [Element]
        (elements, hasMore) = try Self.elements(of: answer)
        events = elements.map { $0.bytes(from: account) }
        // The next page then lists again what stands behind it: that is known by its id, or by its bytes. A list that does
        // not heed where it begins would never end.
        let id = elements.reversed().lazy.compactMap(\.id).first(where: ID.isValid)
        next = hasMore && id != last ? id : nil
    }

    private static func elements(of answer: StripeAnswer) throws(StripeAPIError) -> ([Element], hasMore: Bool) {
        let list: JSON
        do throws(StripeAPIError) {
            list = try answer.json()
        } catch {
            guard let split = split(answer.bytes[...]) else { throw error }
            return split
        }
        let page = try StripePage(list)
        return (page.data.map(Element.read), page.hasMore)
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> ([Element], hasMore: Bool)? {
        guard let members = JSON.Splitter.members(["data", "has_more"], of: bytes),
            let hasMore = members["has_more"].flatMap({ try? JSON(bytes: $0) })?.bool,
            let parts = members["data"].flatMap({ JSON.Splitter.elements(of: $0, atMost: StripePage.size) })
        else { return nil }
        return (parts.map { part in (try? JSON(bytes: part)).map(Element.read) ?? .unread(part) }, hasMore)
    }
}

extension EventPage.Element {
    fileprivate var id: String? {
        switch self {
        case .read(let event): event["id"]?.string
        case .unread(let bytes): Self.member("id", of: bytes)?.string
        }
    }

    fileprivate func bytes(from account: String?) -> [UInt8] {
        switch self {
        case .read(let event): return event.from(account: account).bytes
        case .unread(let bytes):
            guard let account, bytes.first == UInt8(ascii: "{"), (Self.member("account", of: bytes) ?? .null) == .null
            else { return Array(bytes) }
            // Should a later version read it, it is not the platform's own. Of two members, the first counts.
            let own: JSON = ["account": .string(account)]
            return own.bytes.dropLast() + [UInt8(ascii: ",")] + bytes.dropFirst()
        }
    }

    private static func member(_ key: String, of bytes: ArraySlice<UInt8>) -> JSON? {
        JSON.Splitter.members([key], of: bytes)?[key].flatMap { try? JSON(bytes: $0) }
    }
}
