// SPDX-License-Identifier: Apache-2.0

import Notation

/// What Stripe's API answered to a request that it served.
package struct StripeAnswer: Sendable {
    /// The body as it came.
    package let bytes: [UInt8]
    /// Stripe's clock, to the second; nil if it did not say.
    package let date: Timestamp?
    /// From sending the request, for the last time, to the last byte.
    package let took: Duration

    /// As far as signatures may be from this machine's clock by default.
    private static let tolerance: Duration = .seconds(300)

    /// The body. A list contains what may be nested as deep as an event.
    package func json() throws(StripeAPIError) -> JSON {
        do throws(JSON.DecodingFailure) {
            return try JSON(bytes: bytes, depthLimit: 2 * JSON.depthLimit)
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// - Returns: by how many seconds Stripe's clock is behind this machine's; nil if it is not, or as little as it may be.
    package func lag(behind now: Timestamp) -> Int64? {
        guard let date, date < now - Self.tolerance else { return nil }
        return now.seconds - date.seconds
    }

    /// When it was made, by Stripe's clock, unless something in between shows another time: what is told as of then
    /// outweighs all that happened before.
    /// - Parameter now: this machine's clock.
    package func moment(by now: Timestamp) -> Timestamp {
        guard let date, now - Self.tolerance <= date, date <= now + Self.tolerance else { return now }
        return date
    }

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
