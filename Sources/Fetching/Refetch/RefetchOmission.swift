// SPDX-License-Identifier: Apache-2.0

import StripeAPI

/// Something that a refetch could not read, so that it may not have learned everything.
package enum RefetchOmission: Sendable, Hashable, CustomStringConvertible {
    /// - Parameter object: the id that was asked for.
    case unknown(object: String)
    case refused(ObjectKind, StripeAPIError)
    /// There were more than are read.
    case tooMany(ObjectKind)
    /// So much belongs together that not all of it was asked for.
    case tooMuch(requests: Int)
    /// Which payment paid which invoice: then neither is told, as both may sell the same credits.
    case links

    package var description: String {
        switch self {
        case .unknown(let object): "Stripe knows no \(object)"
        case .refused(let kind, let error): "no object of the kind \(kind.rawValue) was read: \(error)"
        case .tooMany(let kind): "there are more objects of the kind \(kind.rawValue) than are read"
        case .links: "which payment paid which invoice is not known, so neither was taken in"
        case .tooMuch(let requests): "the rest was not asked for after \(requests) requests"
        }
    }
}
