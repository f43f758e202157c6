// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Stripe

/// The verifier with hostile and with heavy input.
@Suite struct SignatureLoadTests {
    typealias Samples = SignatureSamples

    @Test("a thousand parallel verifications with shared keys all give the right answer")
    func parallel() async throws {
        let secrets = try (0..<4).map { try WebhookSecret(label: "\($0)", value: "whsec_\($0)key") }
        let verifier = try SignatureVerifier(secrets: secrets)
        let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let body = Array("{\"id\":\"evt_\(number)\"}".utf8)
                    let secret = secrets[number % 4]
                    let header = try secret.sign(body: body, at: Samples.now)
                    let signer = try verifier.verify(header: header, body: body, at: Samples.now)
                    let isForgeryRefused =
                        (try? verifier.verify(header: header, body: body + [0], at: Samples.now)) == nil
                    return signer != secret || !isForgeryRefused
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(wrong == 0)
    }

    @Test("5,000 signatures cost no more than one HMAC per secret and a pass over the header")
    func manySignatures() throws {
        let verifier = try Samples.verifier("whsec_a", "whsec_b", "whsec_c")
        let body = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
        let signatures = Array(repeating: "v1=\(Samples.bad)", count: 5000).joined(separator: ",")
        let duration = ContinuousClock().measure {
            #expect(throws: SignatureError.mismatch) {
                try verifier.verify(header: "\(Samples.t),\(signatures)", body: body, at: Samples.now)
            }
        }
        // One HMAC of 1 MiB per signature would take half a minute.
        #expect(duration < .seconds(30))
    }

    @Test("headers of random bytes neither crash nor verify")
    func randomBytes() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the random bytes: \(seed)")
        var random = SeededRandom(seed)
        let verifier = try Samples.verifier(tolerance: .seconds(1_000_000_000_000))
        for _ in 0..<50_000 {
            let words = (0..<Int(random.next() % 6)).map { _ in random.next() }
            try expectRefusal(words.withUnsafeBytes(Array.init), verifier, seed)
        }
    }

    @Test("headers of random pieces neither crash nor verify")
    func randomPieces() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the random pieces: \(seed)")
        var random = SeededRandom(seed)
        let verifier = try Samples.verifier(tolerance: .seconds(1_000_000_000_000))
        let pieces = [
            "t", "v1", "v0", "=", "=", "=", ",", ",", ",", " ", "\t", "\0", "\r\n", "t=", "v1=", "t=1,", Samples.t,
            "1700000000", "9999999999999999999", "-1", "é", "１", "\u{202E}", "🔑", ";", Samples.bad, "v1=00",
            // Valid for another body than the one verified.
            Samples.good, "v1=\(Samples.good)", "\(Samples.t),v1=\(Samples.good)",
        ].map { Array($0.utf8) }
        for _ in 0..<60_000 {
            var header: [UInt8] = []
            for _ in 0..<(random.next() % 8) { header += pieces[Int(random.next() % UInt64(pieces.count))] }
            try expectRefusal(header, verifier, seed)
        }
    }

    private func expectRefusal(_ header: [UInt8], _ verifier: SignatureVerifier, _ seed: UInt64) throws {
        do throws(SignatureError) {
            try verifier.verify(header: String(decoding: header, as: UTF8.self), body: [1, 2, 3], at: Samples.now)
            Issue.record("verified (seed \(seed)): \(header)")
        } catch {
            let codes = ["missing_signature", "malformed_signature", "signature_mismatch"]
            if !codes.contains(error.code) { Issue.record("\(error) (seed \(seed)): \(header)") }
        }
    }
}
