// SPDX-License-Identifier: Apache-2.0

/// A payment of which less was captured than authorised. The rest was released: nobody paid it, so its return is not a
/// refund. Before 2025-03-31.basil Stripe books it as one all the same, and later too if an older integration captured.
package struct PartialCapture: Sendable, Hashable {
    /// In the currency's smallest unit.
    package let authorised: Int64
    /// More than 0, less than `authorised`.
    package let captured: Int64
    /// The charge's amounts prove that Stripe booked its release nowhere, so all its refunds are real refunds.
    package let isReleaseUnbooked: Bool

    /// - Returns: nil if nothing was released, or nothing has been captured yet.
    package init?(authorised: Int64, captured: Int64, isReleaseUnbooked: Bool = false) {
        guard 0 < captured, captured < authorised else { return nil }
        self.authorised = authorised
        self.captured = captured
        self.isReleaseUnbooked = isReleaseUnbooked
    }

    package var released: Int64 { authorised - captured }

    /// The captured amount grows if it is captured in several parts; what the last part left was released.
    func merged(with other: PartialCapture) -> PartialCapture {
        if captured != other.captured { return captured > other.captured ? self : other }
        let larger = authorised >= other.authorised ? self : other
        return PartialCapture(
            authorised: larger.authorised, captured: captured,
            isReleaseUnbooked: isReleaseUnbooked || other.isReleaseUnbooked) ?? larger
    }
}
