// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

@testable import Stripe

/// One signed request from which the tables derive theirs: body, secret, time and signature.
enum SignatureSamples {
    static let body = Array(#"{"id":"evt_1"}"#.utf8)
    static let value = "whsec_4dPzRr8v1QmYc2uXn7TgLb5KjWs9HfEa"
    static let seconds: Int64 = 1_700_000_000
    static let now = Timestamp(seconds: seconds)
    static let t = "t=1700000000"

    /// Computed with Python: `hmac.new(value, b"1700000000." + body, "sha256").hexdigest()`.
    static let good = "62f6ec2923b767608cd3188a653c2027e564703b1d934e330a0a391e788af7a6"

    static let bad = String(repeating: "0", count: 64)

    /// A header with any text as `t` and a valid `v1` for it, so that only the form of `t` can be wrong.
    static func signed(timestamp: String) throws -> String {
        let key = try HMACKey(Array(value.utf8))
        let code = body.withUnsafeBytes { key.code(Array("\(timestamp).".utf8), $0) }
        return "t=\(timestamp),v1=\(Hex.encode(try code.get()))"
    }

    static func verifier(_ values: String..., tolerance: Duration = .seconds(300)) throws -> SignatureVerifier {
        let secrets = try (values.isEmpty ? [value] : values).map { try WebhookSecret(value: $0) }
        return try SignatureVerifier(secrets: secrets, tolerance: tolerance)
    }

    /// The code of the refusal; nil if the request is accepted.
    static func refusal(_ header: String?, body: [UInt8] = body, at now: Timestamp = now) throws -> String? {
        let verifier = try verifier()
        do throws(SignatureError) {
            try verifier.verify(header: header, body: body, at: now)
            return nil
        } catch {
            return error.code
        }
    }
}
