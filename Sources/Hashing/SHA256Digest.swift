// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Notation

/// The 32 bytes of a SHA-256, by OpenSSL.
package struct SHA256Digest: Hashable, Sendable {
    // Safe to share: fetched once and never freed, and nothing writes through it; hashing only reads it. Looked up by its
    // name in each call, it would take longer than the hash of a short text.
    nonisolated(unsafe) private static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil) ?? EVP_sha256()

    package let bytes: SIMD32<UInt8>

    package init(_ bytes: SIMD32<UInt8>) {
        self.bytes = bytes
    }

    /// - Returns: nil if OpenSSL fails (out of memory).
    package init?(of data: Span<UInt8>) {
        var digest = SIMD32<UInt8>()
        var length: UInt32 = 0
        let isComplete = data.withUnsafeBufferPointer { data in
            withUnsafeMutableBytes(of: &digest) { target in
                EVP_Digest(data.baseAddress, data.count, target.baseAddress, &length, Self.algorithm, nil) == 1
            }
        }
        guard isComplete, Int(length) == SIMD32<UInt8>.scalarCount else { return nil }
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
