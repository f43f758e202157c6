// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings

/// Whose certificates a command trusts, for https.
struct TrustOptions: ParsableArguments {
    @Option(
        name: .customLong("cacert"),
        help: ArgumentHelp(
            "A PEM file of the certificate authorities to trust for https, instead of the system's.",
            discussion: "Default: SSL_CERT_FILE.",
            valueName: "file"
        )
    )
    var file: String?

    /// The file is read only for https.
    func authorities(for url: String, _ settings: ClientSettings) throws(ConfigurationError) -> Authorities {
        guard url.hasPrefix("https:") else { return .system }
        if let file { return try Authorities(file: file, namedBy: "--cacert") }
        if let file = settings.certificateFile { return try Authorities(file: file, namedBy: "SSL_CERT_FILE") }
        return .system
    }
}
