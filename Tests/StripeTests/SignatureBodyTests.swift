// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Testing

@testable import Stripe

/// Signatures of all kinds of bodies and secrets, compared with values computed with Python's `hmac`.
@Suite struct SignatureBodyTests {
    typealias Samples = SignatureSamples

    struct Vector: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let secret: String
        let body: [UInt8]
        let signature: String

        init(_ name: String, secret: String = Samples.value, body: [UInt8] = Samples.body, _ signature: String) {
            testDescription = name
            self.secret = secret
            self.body = body
            self.signature = signature
        }
    }

    static let vectors = [
        Vector("a small body", Samples.good),
        Vector("an empty body", body: [], "afb5d6580932300bbb9347e9d2a85d4a1d31149a86ff26457957bd180638526d"),
        Vector(
            "a body with NUL and bytes that are no UTF-8",
            body: [0x61, 0, 0x62, 0xFF, 0xFE, 0xC3],
            "8210c7db342e7a4776757f1f06f63d29bf301e12b70caa1b3f1963f91eaf9521"
        ),
        Vector(
            "a body of 64 KiB",
            body: Array(repeating: 7, count: 65536),
            "e2e6541bd6e296205af737d2ba0a4b02112a879ddc4d0562d95730666ceff5c5"
        ),
        Vector(
            "a secret longer than a block of SHA-256",
            secret: "whsec_" + String(repeating: "k", count: 200),
            "d5155b39dd05e80151925a224e32433bf63732092a08bc3e3bbe599634339a68"
        ),
        Vector(
            "a secret with letters outside ASCII",
            secret: "whsec_schlüssel",
            "5c1a9efcf54cc3ce497d8b5959fa38d1307e9cce4458c0db7ce31bfff4e1bc5d"
        ),
        Vector(
            "a secret with spaces, which are not trimmed",
            secret: " whsec_with spaces ",
            "94cf23f549872598c0e345b38c90d054a086af224c936266d1bc2925423e5a99"
        ),
    ]

    @Test("signing and verifying agree with Python", arguments: vectors)
    func knownVector(_ vector: Vector) throws {
        let secret = try WebhookSecret(value: vector.secret)
        let header = "t=1700000000,v1=\(vector.signature)"
        #expect(try secret.sign(body: vector.body, at: Samples.now) == header)
        let verifier = try Samples.verifier(vector.secret)
        #expect(try verifier.verify(header: header, body: vector.body, at: Samples.now) == secret)
    }

    @Test("any change of the body is a mismatch")
    func changedBody() throws {
        let header = "\(Samples.t),v1=\(Samples.good)"
        for index in Samples.body.indices {
            var body = Samples.body
            body[index] ^= 1
            #expect(try Samples.refusal(header, body: body) == "signature_mismatch")
        }
        for body in [[], Samples.body + [0], Samples.body + Array("\n".utf8), Array(Samples.body.dropLast())] {
            #expect(try Samples.refusal(header, body: body) == "signature_mismatch")
        }
    }

    @Test("the full stop belongs to the signed bytes: digits cannot move from the timestamp to the body")
    func separatorIsSigned() throws {
        let key = try HMACKey(Array(Samples.value.utf8))
        let moved = Array("0.".utf8) + Samples.body
        let code = try moved.withUnsafeBytes { key.code(Array("170000000.".utf8), $0) }.get()
        #expect(Hex.encode(code) != Samples.good)
        #expect(try Samples.refusal("\(Samples.t),v1=\(Hex.encode(code))") == "signature_mismatch")
    }

    @Test("any collection of bytes can be the body, contiguous or not")
    func collections() throws {
        let verifier = try Samples.verifier()
        let header = "\(Samples.t),v1=\(Samples.good)"
        let now = Samples.now
        try verifier.verify(header: header, body: Samples.body[...], at: now)
        try verifier.verify(header: header, body: Samples.body.lazy.map { $0 }, at: now)
        try verifier.verify(header: header, body: Samples.body.reversed().reversed(), at: now)
        try Samples.body.withUnsafeBytes { bytes in
            _ = try verifier.verify(header: header, body: bytes, at: now)
        }
    }

    @Test("every single changed character of the header is refused, except the case of a hex digit")
    func changedCharacter() throws {
        let header = Array("\(Samples.t),v1=\(Samples.good)".utf8)
        let verifier = try Samples.verifier()
        for index in header.indices {
            for byte in UInt8.min...UInt8.max where byte != header[index] {
                var changed = header
                changed[index] = byte
                let text = String(decoding: changed, as: UTF8.self)
                let isOtherCase = text.lowercased() == String(decoding: header, as: UTF8.self) && index > 15
                do throws(SignatureError) {
                    try verifier.verify(header: text, body: Samples.body, at: Samples.now)
                    if !isOtherCase { Issue.record("accepted: \(text)") }
                } catch {
                    if isOtherCase { Issue.record("refused: \(text)") }
                }
            }
        }
    }

    @Test("any one of several secrets may have signed, and the verifier says which")
    func severalSecrets() throws {
        let secrets = try (0..<20).map { try WebhookSecret(label: "endpoint-\($0)", value: "whsec_\($0)key") }
        let verifier = try SignatureVerifier(secrets: secrets)
        for secret in secrets {
            let header = try secret.sign(body: Samples.body, at: Samples.now)
            let signer = try verifier.verify(header: header, body: Samples.body, at: Samples.now)
            #expect(signer.label == secret.label)
        }
        let stranger = try WebhookSecret(value: "whsec_stranger").sign(body: Samples.body, at: Samples.now)
        #expect(throws: SignatureError.mismatch) {
            try verifier.verify(header: stranger, body: Samples.body, at: Samples.now)
        }
    }

    @Test("while a secret is rolled, the old and the new one are each enough")
    func rolledSecret() throws {
        let old = try WebhookSecret(value: "whsec_old")
        let new = try WebhookSecret(value: "whsec_new")
        let headers = try [old, new].map { try $0.sign(body: Samples.body, at: Samples.now) }
        let header = "\(headers[0]),\(headers[1].dropFirst(Samples.t.count + 1))"
        for secrets in [[old], [new], [old, new], [new, old]] {
            let verifier = try SignatureVerifier(secrets: secrets)
            #expect(try verifier.verify(header: header, body: Samples.body, at: Samples.now) == secrets[0])
        }
    }
}
