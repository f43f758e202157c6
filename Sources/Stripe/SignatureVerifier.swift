// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// Decides whether a request is Stripe's, from its raw bytes, before anything else looks at them. Safe to use from many
/// tasks at once.
package struct SignatureVerifier: Sendable {
    private let keys: [(secret: WebhookSecret, key: HMACKey)]
    private let tolerance: Duration

    /// - Parameters:
    ///   - secrets: for the platform's endpoint, the Connect endpoint, and those being rolled; at least one.
    ///   - tolerance: how far a signature's time may lie before or after the receipt; Stripe's default is 300 s.
    package init(secrets: [WebhookSecret], tolerance: Duration = .seconds(300)) throws(SignatureSetupError) {
        if secrets.isEmpty { throw .noSecrets }
        if tolerance <= .zero { throw .toleranceNotPositive }
        var keys: [(WebhookSecret, HMACKey)] = []
        for secret in secrets {
            do {
                keys.append((secret, try HMACKey(Array(secret.value.utf8))))
            } catch {
                throw .cryptography(error)
            }
        }
        self.keys = keys
        self.tolerance = tolerance
    }

    /// The names under which secrets are shown, in order.
    package var names: [String] { keys.map { name(of: $0.secret) } }

    /// Its label or, without one, its position, such as `#2`. Never anything of its value.
    package func name(of secret: WebhookSecret) -> String {
        if let label = secret.label { return label }
        let place = keys.firstIndex { $0.secret == secret }
        return place.map { "#\($0 + 1)" } ?? "unknown"
    }

    /// When a header claims that its request was signed, proven or not; nil if it does not say.
    package func claimedTime(in header: String?) -> Timestamp? {
        // `verify` reports what is wrong with the header.
        guard let header, let claim = try? SignatureHeader(header) else { return nil }
        return claim.time
    }

    /// Checks the signature first, then its time: a client that cannot sign learns nothing about this server's clock.
    /// - Parameters:
    ///   - header: the `Stripe-Signature` value as received; nil if there is none.
    ///   - body: the bytes as received.
    ///   - now: when the request was received.
    /// - Returns: the secret that signed it.
    @discardableResult
    package func verify(
        header: String?,
        body: UnsafeRawBufferPointer,
        at now: Timestamp
    ) throws(SignatureError) -> WebhookSecret {
        try verify(try Self.claim(in: header), body: body, at: now)
    }

    /// What can be checked before the body has arrived: whether this header could be a current signature.
    package func claim(in header: String?, at now: Timestamp) throws(SignatureError) -> SignatureHeader {
        let claim = try Self.claim(in: header)
        if claim.signatures.isEmpty { throw .mismatch }
        try checkTime(of: claim, at: now)
        return claim
    }

    private static func claim(in header: String?) throws(SignatureError) -> SignatureHeader {
        guard let header, !header.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else {
            throw .missing
        }
        return try SignatureHeader(header)
    }

    private func verify(
        _ claim: SignatureHeader,
        body: UnsafeRawBufferPointer,
        at now: Timestamp
    ) throws(SignatureError) -> WebhookSecret {
        let signer = try signer(of: body, claim: claim)
        try checkTime(of: claim, at: now)
        return signer
    }

    /// The same with a header that has already been read.
    package func verify(
        _ claim: SignatureHeader,
        body: some Collection<UInt8>,
        at now: Timestamp
    ) throws(SignatureError) -> WebhookSecret {
        let judge = { (bytes: UnsafeRawBufferPointer) in
            Result { () throws(SignatureError) in try verify(claim, body: bytes, at: now) }
        }
        let result = body.withContiguousStorageIfAvailable { judge(UnsafeRawBufferPointer($0)) }
        return try (result ?? Array(body).withUnsafeBytes(judge)).get()
    }

    /// The same for bytes in any collection, such as `[UInt8]` or a buffer's view; contiguous ones are not copied.
    @discardableResult
    package func verify(
        header: String?,
        body: some Collection<UInt8>,
        at now: Timestamp
    ) throws(SignatureError) -> WebhookSecret {
        try verify(try Self.claim(in: header), body: body, at: now)
    }

    /// One HMAC per secret, however many signatures the header holds.
    private func signer(
        of body: UnsafeRawBufferPointer,
        claim: SignatureHeader
    ) throws(SignatureError) -> WebhookSecret {
        if claim.signatures.isEmpty { throw .mismatch }
        for (secret, key) in keys {
            switch key.code(claim.timestamp + [UInt8(ascii: ".")], body) {
            case .success(let code):
                if claim.signatures.contains(where: { HMACKey.areEqual($0, code) }) { return secret }
            case .failure(let error):
                throw .unverifiable(error)
            }
        }
        throw .mismatch
    }

    private func checkTime(of claim: SignatureHeader, at now: Timestamp) throws(SignatureError) {
        let signed = claim.time
        if signed >= now - tolerance, signed <= now + tolerance { return }
        let (age, overflow) = now.seconds.subtractingReportingOverflow(signed.seconds)
        throw .timestampOutsideTolerance(age: overflow ? .min : age, tolerance: tolerance.components.seconds)
    }
}
