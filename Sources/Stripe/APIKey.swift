// SPDX-License-Identifier: Apache-2.0

/// A key for Stripe's API: a secret key (`sk_…`) or a restricted one (`rk_…`). No way of printing it shows its value.
/// Source: https://docs.stripe.com/keys
package struct APIKey: Hashable, Sendable {
    /// Why a text is no such key. It never quotes the text.
    package enum Fault: Error, Hashable, CustomStringConvertible {
        case blank, padded, publishable, webhookSecret, unknown

        package var description: String {
            switch self {
            case .blank: "is blank"
            case .padded: "begins or ends with white space (a space, or a line end); remove it"
            case .publishable: "is a publishable key (pk_…), which may ask for nothing; take a secret or restricted one"
            case .webhookSecret: "is a webhook secret (whsec_…), which belongs in STRIPE_WEBHOOK_SECRET"
            case .unknown: "is not a key of Stripe's API; those begin with sk_live_, sk_test_, rk_live_ or rk_test_"
            }
        }
    }

    /// As it is sent.
    package let value: String
    /// Whether it is about real money.
    package let livemode: Bool
    /// Whether it may only do what it was made for.
    package let isRestricted: Bool

    package init(_ text: String) throws(Fault) {
        if text.allSatisfy(\.isWhitespace) { throw .blank }
        if text.first?.isWhitespace == true || text.last?.isWhitespace == true { throw .padded }
        if text.hasPrefix("pk_") { throw .publishable }
        if text.hasPrefix("whsec_") { throw .webhookSecret }
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, ["sk", "rk"].contains(parts[0]), ["live", "test"].contains(parts[1]),
            !parts[2].isEmpty,
            parts[2].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else { throw .unknown }
        value = text
        livemode = parts[1] == "live"
        isRestricted = parts[0] == "rk"
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Its kind and mode, never the value.
    package var description: String { "\(isRestricted ? "rk" : "sk")_\(livemode ? "live" : "test")_redacted" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the value.
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
