// SPDX-License-Identifier: Apache-2.0

import Notation

/// What events are found by, as a query and a body write it.
enum EventCriteria {
    static let idForm = "1 to 255 printable ASCII characters"
    static let typeForm = "1 to 255 printable ASCII characters"
    static let secretForm = "the label of a webhook secret, or its place such as #1"
    static let timeForm = "unix seconds or a time such as 2026-11-26T09:00:00Z"

    /// The ids that the inbox keeps: more than Stripe's own are made of.
    static func id(_ text: String) -> String? { printable(text) }

    static func type(_ text: String) -> String? { printable(text) }

    static func secret(_ text: String) -> String? {
        (1...64).contains(text.utf8.count) && text.isVisibleASCII ? text : nil
    }

    private static func printable(_ text: String) -> String? {
        (1...255).contains(text.utf8.count) && text.isPrintableASCII ? text : nil
    }

    static func time(_ text: String) -> Timestamp? {
        // No event is stored with a time outside of these.
        let time = Int64(text).map(Timestamp.init(seconds:)) ?? Timestamp(rfc3339: text)
        return time.flatMap { Timestamp.range.contains($0) ? $0 : nil }
    }
}
