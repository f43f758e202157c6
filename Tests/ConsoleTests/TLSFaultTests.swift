// SPDX-License-Identifier: Apache-2.0

import NIOSSL
import Notation
import Testing

@testable import Console

@Suite struct TLSFaultTests {
    private static let now = Timestamp(seconds: 1_764_000_000)

    private func shown(_ begin: Duration, _ end: Duration) -> TLSFault.Validity {
        TLSFault.Validity(begin: Self.now + begin, end: Self.now + end)
    }

    @Test func `a certificate that is not believed is over, too early, or of nobody who is trusted`() {
        let valid = shown(.seconds(-60), .seconds(60))
        let over = shown(.seconds(-60), .seconds(-1))
        let early = shown(.seconds(1), .seconds(60))
        let listed = Authorities.listed([], file: "ca.pem")
        let cases: [([TLSFault.Validity], Authorities, TLSFault)] = [
            ([over], listed, .expired(Self.now - .seconds(1))),
            // An intermediate certificate has expired.
            ([valid, over], .system, .expired(Self.now - .seconds(1))),
            ([early], .system, .notYetValid(Self.now + .seconds(1))),
            ([valid], .system, .untrusted(file: nil)),
            ([valid], listed, .untrusted(file: "ca.pem")),
            // The certificates could not be fetched.
            ([], .system, .untrusted(file: nil)),
        ]
        for (shown, authorities, fault) in cases {
            #expect(TLSFault.disbelief(of: shown, authorities, Self.now) == fault)
        }
    }

    @Test func `what is no fault of TLS is left to others`() {
        let error = HTTPFault()
        #expect(TLSFault(error, shown: [], authorities: .system, now: Self.now) == nil)
        let name = TLSFault(NIOSSLExtraError.failedToValidateHostname, shown: [], authorities: .system, now: Self.now)
        #expect(name == .otherName)
        let end = NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake]))
        #expect(TLSFault.isDisbelief(end) == false)
        #expect(
            TLSFault(end, shown: [], authorities: .system, now: Self.now).map { "\($0)" }
                == "TLS fails: EOF during handshake")
    }

    private struct HTTPFault: Error {}
}
