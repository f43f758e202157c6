// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Standard output, for answers. A failed write is remembered, and the command fails at its end, so that nobody takes
/// half an answer for a whole one.
package enum StandardOutput {
    private static let failure = Mutex<Int32?>(nil)

    package static func print(_ line: String) {
        // Earlier output through the C library comes first.
        if fflush(nil) != 0 { fail(errno) }
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return fail(errno)
            }
        }
    }

    /// Why something could not be written, as people read it; nil if everything was.
    package static var fault: String? {
        failure.withLock(\.self).map { code in
            "standard output cannot be written: \(String(cString: strerror(code)).lowercased())"
        }
    }

    /// The `errno` of the first failed write; nil if everything was written.
    static func finish() -> Int32? {
        if fflush(nil) != 0 { fail(errno) }
        return failure.withLock(\.self)
    }

    private static func fail(_ code: Int32) { failure.withLock { $0 = $0 ?? code } }
}
