// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// HMAC-SHA256 with one key, by OpenSSL. The key is scheduled once; each code starts from a copy of that state.
package final class HMACKey: Sendable {
    /// The 32 bytes of an HMAC-SHA256.
    package typealias Code = SIMD32<UInt8>

    // Safe to share: the pointer is a `let`, nothing but `init` and `deinit` writes through it, and in between it is only
    // ever the source of EVP_MAC_CTX_dup, which takes it as `const` and reads it (openssl-threads(7): an object is safe
    // to use from several threads as long as none modifies it; the reference counts that dup raises are atomic).
    // The copies are confined to the call that made them.
    nonisolated(unsafe) private let context: OpaquePointer

    package init(_ key: [UInt8]) throws(HMACError) {
        ERR_clear_error()
        guard let algorithm = EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil) else {
            throw HMACError(function: "EVP_MAC_fetch")
        }
        // The context keeps its own reference.
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { throw HMACError(function: "EVP_MAC_CTX_new") }

        // Parameters point to their names and values: both must outlive the call that reads them.
        let name = Array(OSSL_MAC_PARAM_DIGEST.utf8CString)
        var digest = Array("SHA256".utf8CString)
        let isReady = name.withUnsafeBufferPointer { name in
            digest.withUnsafeMutableBufferPointer { digest in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(name.baseAddress, digest.baseAddress, 0),
                    OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_init(context, key, key.count, parameters) == 1
            }
        }
        guard isReady else {
            let error = HMACError(function: "EVP_MAC_init")
            EVP_MAC_CTX_free(context)
            throw error
        }
        self.context = context
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// The code of two pieces in sequence, without joining them first. A result, not a throw, because the closures that
    /// lend a body's bytes cannot pass on a typed error.
    package func code(_ prefix: [UInt8], _ body: UnsafeRawBufferPointer) -> Result<Code, HMACError> {
        guard let copy = EVP_MAC_CTX_dup(context) else { return .failure(HMACError(function: "EVP_MAC_CTX_dup")) }
        defer { EVP_MAC_CTX_free(copy) }

        guard
            EVP_MAC_update(copy, prefix, prefix.count) == 1,
            EVP_MAC_update(copy, body.baseAddress, body.count) == 1
        else { return .failure(HMACError(function: "EVP_MAC_update")) }

        var code = Code()
        var length = 0
        let isComplete = withUnsafeMutableBytes(of: &code) { bytes in
            EVP_MAC_final(copy, bytes.baseAddress, &length, bytes.count) == 1 && length == bytes.count
        }
        return isComplete ? .success(code) : .failure(HMACError(function: "EVP_MAC_final"))
    }

    /// Compares in constant time: where the two differ does not show.
    package static func areEqual(_ first: Code, _ second: Code) -> Bool {
        withUnsafeBytes(of: first) { first in
            withUnsafeBytes(of: second) { second in
                CRYPTO_memcmp(first.baseAddress, second.baseAddress, Code.scalarCount) == 0
            }
        }
    }
}
