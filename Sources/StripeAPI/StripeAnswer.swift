// SPDX-License-Identifier: Apache-2.0

import Notation

/// What Stripe's API answered to a request that it served.
package struct StripeAnswer: Sendable {
    package let body: JSON
    /// Stripe's clock, to the second; nil if it did not say.
    package let date: Timestamp?
    /// From sending the request, for the last time, to the last byte.
    package let took: Duration

    /// Reads a `Date` header, such as `Sun, 06 Nov 1994 08:49:37 GMT`. Source: RFC 9110, 5.6.7
    static func time(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}
