// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// A terminal to run a program on, and what it has shown.
package final class PseudoTerminal: Sendable {
    /// For the program.
    let descriptor: Int32
    private let reader: Int32
    private let shown = Mutex<[UInt8]>([])

    package init(columns: UInt16 = 80) throws {
        // Swift does not import the C library's functions for this.
        reader = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var (locked, number): (Int32, Int32) = (0, 0)
        let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        guard reader >= 0, ioctl(reader, setLock, &locked) == 0, ioctl(reader, getNumber, &number) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        // Held open here as well, so that nothing is lost when the program closes it.
        descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard descriptor >= 0, ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    deinit {
        close(descriptor)
        close(reader)
    }

    /// All that was shown so far, with line feeds only.
    package var text: String {
        shown.withLock { shown in
            var chunk = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(reader, &chunk, chunk.count)
                guard count > 0 else { break }
                shown += chunk[..<count]
            }
            return String(decoding: shown, as: UTF8.self).replacing("\r\n", with: "\n")
        }
    }
}
