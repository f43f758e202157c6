// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import FoundationEssentials

/// Where a bench sends its requests: plain HTTP.
struct BenchTarget: Sendable {
    let host: String
    let port: Int
    /// Begins with a slash.
    let path: String
    /// `http://127.0.0.1:8080`
    let base: String

    /// As it appears in the `Host` header.
    var authority: String { String(base.dropFirst("http://".count)) }

    /// - Throws: `ValidationError` for an address that no bench can reach.
    init(_ text: String, option: String, defaultPath: String = "/") throws {
        guard let address = WebAddress(text) else { throw ValidationError("\(option) \(text): \(WebAddress.form)") }
        guard let url = URL(string: address.base), url.scheme == "http", let host = url.host else {
            throw ValidationError(
                "\(option) \(text): a bench speaks plain http; give the address behind the one that ends TLS.")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? 80
        path = address.path.isEmpty ? defaultPath : address.path
        base = address.base
    }
}
