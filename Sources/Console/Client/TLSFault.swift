// SPDX-License-Identifier: Apache-2.0

import NIOSSL
import Notation

/// Why no TLS connection was made.
package enum TLSFault: Hashable, Sendable {
    case expired(Timestamp)
    case notYetValid(Timestamp)
    /// - Parameter file: the file of trusted authorities; nil for this machine's.
    case untrusted(file: String?)
    case otherName
    case noTLS
    /// The library's text.
    case other(String)

    /// When a certificate is valid.
    struct Validity: Hashable, Sendable {
        let begin: Timestamp
        let end: Timestamp
    }

    /// - Parameter shown: the server's certificates, as far as known: the library does not report why it rejects them.
    init?(_ error: any Error, shown: [Validity], authorities: Authorities, now: Timestamp) {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: self = .otherName
        case NIOSSLError.unableToValidateCertificate: self = .otherName
        case NIOSSLError.handshakeFailed(.sslError(let stack)):
            let words = stack.map(\.description).joined(separator: " ")
            if words.contains("CERTIFICATE_VERIFY_FAILED") {
                self = Self.disbelief(of: shown, authorities, now)
            } else if ["WRONG_VERSION_NUMBER", "HTTP_REQUEST"].contains(where: words.contains) {
                self = .noTLS
            } else {
                self = .other(Self.reason(stack.first?.description ?? "the handshake failed"))
            }
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = .other("\(error)")
        default: return nil
        }
    }

    /// Whether the certificates were rejected, so that they are needed to find out why.
    static func isDisbelief(_ error: any Error) -> Bool {
        guard case NIOSSLError.handshakeFailed(.sslError(let stack)) = error else { return false }
        return stack.contains { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }
    }

    static func disbelief(of shown: [Validity], _ authorities: Authorities, _ now: Timestamp) -> TLSFault {
        if let over = shown.first(where: { $0.end < now }) { return .expired(over.end) }
        if let early = shown.first(where: { now < $0.begin }) { return .notYetValid(early.begin) }
        guard case .listed(_, let file) = authorities else { return .untrusted(file: nil) }
        return .untrusted(file: file)
    }

    /// `tlsv1 alert protocol version` from "Error: …:SSL routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION at …".
    private static func reason(_ description: String) -> String {
        let fields = description.split(separator: ":")
        guard fields.count > 5, let word = fields[5].split(separator: " ").first else {
            // "Error:  EOF during handshake"
            return description.split(separator: " ").dropFirst().joined(separator: " ")
        }
        return word.lowercased().replacing("_", with: " ")
    }
}

extension TLSFault: CustomStringConvertible {
    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .expired(let end):
            "its certificate expired at \(end): renew it there, or look at this machine's clock"
        case .notYetValid(let begin):
            "its certificate is not valid before \(begin): look at the clocks of both machines"
        case .untrusted(nil):
            "its certificate is of no authority that this machine trusts: give that authority's PEM file with --cacert"
        case .untrusted(let file?):
            "its certificate is of none of the authorities in \(TerminalSafe.text(file)): is that the right --cacert (or SSL_CERT_FILE)?"
        case .otherName:
            "its certificate is for another name: use the name in it, or have it made for this one"
        case .noTLS:
            "that is no TLS: is it an http:// address?"
        case .other(let words):
            "TLS fails: \(TerminalSafe.text(words))"
        }
    }
}
