// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// OpenSSL could not compute an HMAC: out of memory, or no provider that offers HMAC-SHA256.
package struct HMACError: Error, Hashable, Sendable {
    /// The OpenSSL function that failed.
    package let function: String

    /// OpenSSL's own words, such as `error:0308010C:digital envelope routines::unsupported`.
    package let reason: String

    /// Takes the reason from the calling thread's error queue and empties it, so that it is not blamed on a later call.
    package init(function: String) {
        self.function = function
        let code = ERR_get_error()
        ERR_clear_error()
        let text = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) { ERR_error_string_n(code, $0.baseAddress, $0.count) }
            count = buffer.firstIndex(of: 0) ?? 0
        }
        reason = code == 0 ? "no reason given" : String(decoding: text, as: UTF8.self)
    }
}

extension HMACError: CustomStringConvertible {
    package var description: String { "OpenSSL's \(function) failed (\(reason))" }
}
