// SPDX-License-Identifier: Apache-2.0

/// Why Stripe's API gave no answer that can be used. Stripe's own messages may quote a key or an object, and are not passed
/// on: what is known is said in words of ours.
package enum StripeAPIError: Error, Hashable, CustomStringConvertible {
    /// The key is no longer valid, or is of another account.
    case keyRefused
    /// The connected account has withdrawn its access, or is none of this platform's.
    case accountRefused
    /// The key may not do that.
    /// - Parameter permission: as Stripe names it, such as `rak_event_read`; nil if it does not.
    case notPermitted(permission: String?)
    /// No such object, or no longer.
    case notFound
    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - code: Stripe's, such as `parameter_unknown`.
    ///   - parameter: what it is about.
    ///   - request: for Stripe's support, such as `req_1`.
    case refused(status: Int, code: String?, parameter: String?, request: String?)
    /// There were too many requests, also after waiting.
    case limited(reason: String?)
    /// Stripe, or the way to it, is away.
    case unavailable(String)
    /// The answer is not what Stripe's API answers.
    case unreadable(String)
    /// The answer is larger than is read.
    /// - Parameter limit: in bytes.
    case tooLarge(limit: Int)

    /// The circuit is open.
    package static let notAsked = StripeAPIError.unavailable("it did not serve the last requests")

    /// The error without its particulars.
    package enum Kind: Sendable, Hashable {
        case keyRefused, accountRefused, notPermitted, notFound, refused, limited, unavailable, unreadable, tooLarge
    }

    package var kind: Kind {
        switch self {
        case .keyRefused: .keyRefused
        case .accountRefused: .accountRefused
        case .notPermitted: .notPermitted
        case .notFound: .notFound
        case .refused: .refused
        case .limited: .limited
        case .unavailable: .unavailable
        case .unreadable: .unreadable
        case .tooLarge: .tooLarge
        }
    }

    /// Whether the same may succeed later.
    package var isTransient: Bool {
        switch self {
        case .limited, .unavailable: true
        case .keyRefused, .accountRefused, .notPermitted, .notFound, .refused, .unreadable, .tooLarge: false
        }
    }

    package var description: String {
        switch self {
        case .keyRefused: "Stripe refuses the key in STRIPE_API_KEY: it was revoked, has expired, or is mistyped"
        case .accountRefused:
            "the key in STRIPE_API_KEY has no access to the account: it was revoked, or the account is another platform's"
        case .notPermitted(let permission?): "the key in STRIPE_API_KEY lacks the permission \(permission)"
        case .notPermitted(nil): "the key in STRIPE_API_KEY lacks a permission, which Stripe does not name"
        case .notFound: "Stripe has no such object"
        case .refused(let status, let code, let parameter, let request):
            "Stripe refuses the request with \(status)"
                + [code, parameter.map { "parameter \($0)" }, request].compactMap(\.self).map { ", \($0)" }.joined()
        case .limited(let reason): "Stripe takes no more requests now (\(reason ?? "429"))"
        case .unavailable(let reason): "Stripe's API cannot be reached: \(reason)"
        case .unreadable(let reason): "Stripe's API answers what cannot be read: \(reason)"
        case .tooLarge(let limit): "Stripe's API answers more than \(limit) bytes"
        }
    }
}
