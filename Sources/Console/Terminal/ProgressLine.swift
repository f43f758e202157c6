// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// Progress on standard output: one line that is redrawn on a terminal; in a pipe, a new line every few seconds if it
/// has changed.
package struct ProgressLine {
    package let isRedrawn: Bool
    private static let pipeInterval: Duration = .seconds(5)
    private var shown = ""
    private var writtenAt: ContinuousClock.Instant?

    package init() {
        isRedrawn = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    package mutating func show(_ text: String) {
        guard text != shown else { return }
        if isRedrawn {
            // A line that wraps could not be redrawn.
            print("\r\u{1B}[K\(text.prefix(Terminal.width - 1))", terminator: "")
        } else {
            if let writtenAt, writtenAt.duration(to: .now) < Self.pipeInterval { return }
            writtenAt = .now
            print(text)
        }
        shown = text
        // A line without a line feed, or one to a pipe, would stay in the buffer.
        fflush(nil)
    }

    /// Erases the line, for other output in its place.
    package mutating func clear() {
        guard isRedrawn, !shown.isEmpty else { return }
        print("\r\u{1B}[K", terminator: "")
        fflush(nil)
        shown = ""
    }
}
