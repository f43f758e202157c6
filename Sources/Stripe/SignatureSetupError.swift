// SPDX-License-Identifier: Apache-2.0

import Hashing

/// Why a configuration gives no verifier: the program must not start, as it would accept or refuse everything.
package enum SignatureSetupError: Error, Hashable, Sendable {
    /// Empty or white space only: an empty key would let anybody sign.
    case blankSecret(label: String?)
    /// `whsec_...`, `changeme` and the like, left over from a template.
    case placeholderSecret(label: String?)
    /// `sk_…`, `rk_…` or `pk_…`: a key for calling Stripe, not for checking what Stripe sends.
    case apiKeyAsSecret(label: String?)
    /// No secret at all.
    case noSecrets
    /// The tolerance must be longer than zero.
    case toleranceNotPositive
    /// OpenSSL cannot compute HMAC-SHA256.
    case cryptography(HMACError)
}

extension SignatureSetupError: CustomStringConvertible {
    /// What is wrong and where the right value is found; never the value itself.
    package var description: String {
        switch self {
        case .blankSecret(let label):
            "\(Self.name(label)) is blank; copy the endpoint's signing secret (whsec_…) from Stripe's dashboard"
        case .placeholderSecret(let label):
            "\(Self.name(label)) is a placeholder; copy the endpoint's signing secret (whsec_…) from Stripe's dashboard"
        case .apiKeyAsSecret(let label):
            "\(Self.name(label)) is an API key; the endpoint's signing secret begins with whsec_"
        case .noSecrets:
            "no webhook secret is given; at least one is needed"
        case .toleranceNotPositive:
            "the signature tolerance must be longer than zero; Stripe's own default is 300s"
        case .cryptography(let error):
            "\(error)"
        }
    }

    private static func name(_ label: String?) -> String {
        label.map { "the webhook secret “\($0)”" } ?? "the webhook secret"
    }
}
