// SPDX-License-Identifier: Apache-2.0

import Hashing

/// Why a request is not accepted as Stripe's. Contains nothing of the signature, so all of it may be logged.
package enum SignatureError: Error, Hashable, Sendable {
    /// There is no `Stripe-Signature` header, or it is empty.
    case missing
    /// The header is not of the form `t=…,v1=…`.
    case malformed(Malformation)
    /// No `v1` is a signature of these bytes by a known secret.
    case mismatch
    /// Correctly signed, but `age` seconds ago (negative: ahead of this clock), beyond the allowed `tolerance` seconds.
    case timestampOutsideTolerance(age: Int64, tolerance: Int64)
    /// Not verified: OpenSSL failed. The fault is this server's, and Stripe's retry can succeed.
    case unverifiable(HMACError)

    /// Why a header cannot be read.
    package enum Malformation: Hashable, Sendable {
        case noTimestamp
        /// More than one `t`: it would be a guess which of them is signed.
        case severalTimestamps
        /// `t` is anything but 1 to 19 ASCII digits.
        case timestampNotDigits
        /// No `v1`: other schemes (`v0`, `v2`) prove nothing.
        case noSignature
    }
}

extension SignatureError {
    /// The `code` of the 400 answer: `missing_signature`, `malformed_signature`, `signature_mismatch` or
    /// `timestamp_outside_tolerance`. An unverifiable request counts as a mismatch: it is refused, never believed.
    package var code: String {
        switch self {
        case .missing: "missing_signature"
        case .malformed: "malformed_signature"
        case .mismatch, .unverifiable: "signature_mismatch"
        case .timestampOutsideTolerance: "timestamp_outside_tolerance"
        }
    }
}

extension SignatureError: CustomStringConvertible {
    /// What is wrong and what to do, in a sentence or two for the endpoint's operator.
    package var description: String {
        switch self {
        case .missing:
            "The request has no Stripe-Signature header. Only Stripe posts here; a proxy in between must pass it on."
        case .malformed(let malformation):
            "The Stripe-Signature header \(malformation). Expected t=<unix seconds>,v1=<64 hex digits>."
        case .mismatch:
            "No v1 signature matches the body with a known secret. Check that the secret is this endpoint's "
                + "(each endpoint has its own, and rolling it makes a new one) and that nothing in between changes "
                + "the body."
        case .timestampOutsideTolerance(let age, let tolerance):
            "The time of the signature is \(age.magnitude) s \(age < 0 ? "ahead of" : "behind") this "
                + "server's clock; \(tolerance) s are allowed. Check the clock. If it is right, this is a replayed "
                + "request: Stripe signs each retry again."
        case .unverifiable(let error):
            "The signature could not be checked: \(error). Stripe will retry."
        }
    }
}

extension SignatureError.Malformation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noTimestamp: "has no t"
        case .severalTimestamps: "has more than one t"
        case .timestampNotDigits: "has a t that is not 1 to 19 digits"
        case .noSignature: "has no v1 signature"
        }
    }
}
