// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The process's standard error, for whole lines.
package enum StandardError {
    /// Keeps a line together even if the system takes it in pieces.
    private static let turn = Mutex(())

    /// One `write(2)` per line if the system takes it at once. A log line that cannot be written is lost: there is no
    /// place left to report it, and it must not stop the work that it is about.
    package static func write(_ line: [UInt8]) {
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
