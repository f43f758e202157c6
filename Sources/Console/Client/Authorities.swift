// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOSSL
import Settings

/// The certificate authorities that a client trusts.
package enum Authorities: Sendable {
    /// Those of this machine.
    case system
    case listed([NIOSSLCertificate], file: String)

    /// - Parameter option: the option or variable that names the file, for the error.
    init(file: String, namedBy option: String) throws(ConfigurationError) {
        // The library does not report why a file cannot be read.
        guard let handle = fopen(file, "re") else {
            let reason = String(cString: strerror(errno)).lowercased()
            throw ConfigurationError(variable: option, reason: "\(TerminalSafe.text(file)) cannot be read: \(reason)")
        }
        fclose(handle)
        do {
            self = .listed(try NIOSSLCertificate.fromPEMFile(file), file: file)
        } catch {
            throw ConfigurationError(
                variable: option,
                reason: "\(TerminalSafe.text(file)) holds no certificates as PEM, such as -----BEGIN CERTIFICATE-----")
        }
    }

    /// Nil: the library's default.
    var configuration: TLSConfiguration? {
        guard case .listed(let certificates, _) = self else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        return configuration
    }
}
