// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Notation

/// The 32 bytes of a SHA-256, by OpenSSL.
package struct SHA256Digest: Hashable, Sendable {
    package let bytes: SIMD32<UInt8>

    package init(_ bytes: SIMD32<UInt8>) {
        self.bytes = bytes
    }

    /// - Returns: nil if OpenSSL fails (out of memory).
    package init?(of data: Span<UInt8>) {
        var digest = SIMD32<UInt8>()
        var length = 0
        let isComplete = data.withUnsafeBufferPointer { data in
            withUnsafeMutableBytes(of: &digest) { target in
                EVP_Q_digest(nil, "SHA256", nil, data.baseAddress, data.count, target.baseAddress, &length) == 1
            }
        }
        guard isComplete, length == SIMD32<UInt8>.scalarCount else { return nil }
        bytes = digest
    }

    /// - Parameter hex: 64 hex digits.
    package init?(hex: String) {
        guard let bytes = Hex.decode(ArraySlice(hex.utf8)) else { return nil }
        self.bytes = bytes
    }

    /// 64 lower-case hex digits.
    package var hex: String { Hex.encode(bytes) }

    package var array: [UInt8] { bytes.indices.map { bytes[$0] } }
}
