// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Notation

/// SHA-256 by OpenSSL: the id of a body that is not an event.
package enum Digest {
    /// 64 lower-case hex digits; nil if OpenSSL fails (out of memory).
    package static func sha256(_ bytes: [UInt8]) -> String? {
        var digest = HMACKey.Code()
        var length = 0
        let isComplete = withUnsafeMutableBytes(of: &digest) { target in
            EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, target.baseAddress, &length) == 1
        }
        return isComplete && length == HMACKey.Code.scalarCount ? Hex.encode(digest) : nil
    }
}
