// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOSSL
import Settings

/// The certificate authorities that a client believes.
package enum Authorities: Sendable {
    /// Those of this machine.
    case system
    case listed([NIOSSLCertificate], file: String)

    /// - Parameter option: where the file is named, for whoever has to mend it.
    init(file: String, namedBy option: String) throws(ConfigurationError) {
        // The library does not say why.
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

    /// nil where the library's own is right.
    var configuration: TLSConfiguration? {
        guard case .listed(let certificates, _) = self else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        return configuration
    }
}
