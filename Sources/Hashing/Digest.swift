// SPDX-License-Identifier: Apache-2.0

/// SHA-256 by OpenSSL: the id of a body that is not an event.
package enum Digest {
    /// 64 lower-case hex digits; nil if OpenSSL fails (out of memory).
    package static func sha256(_ bytes: [UInt8]) -> String? { SHA256Digest(of: bytes.span)?.hex }
}
