// SPDX-License-Identifier: Apache-2.0

import Stripe

/// The fields that distinguish one event from another: of fixed width, one after another. About a hundred bytes are
/// kept of each event that is signed ahead, not all three thousand.
package enum EventFields {
    /// Where each field is.
    package enum Field {
        /// The random part of the event's id.
        case token
        /// The random part of the ids of its payment and invoice.
        case payment
        /// The number of its customer.
        case customer
        /// When it happened, in seconds since 1970.
        case created
        /// When it was signed, in seconds since 1970.
        case signedAt
        case signature

        package var range: Range<Int> {
            switch self {
            case .token: 0..<24
            case .payment: 24..<48
            case .customer: 48..<56
            case .created: 56..<66
            case .signedAt: 66..<76
            case .signature: 76..<76 + Signer.digitCount
            }
        }
    }

    /// Which of the generator's templates it uses: one byte.
    static let kind = Field.signature.range.upperBound
    static let size = kind + 1
}
