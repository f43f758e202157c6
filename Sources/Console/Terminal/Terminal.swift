// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// How standard output may look: colours for a person, plain text for a pipe.
package struct Terminal: Sendable {
    let isColoured: Bool
    /// Characters per line; nil if it is not a terminal: then nothing is shortened.
    var columns: Int?

    /// Follows https://no-color.org.
    package static var standardOutput: Terminal {
        let environment = ProcessInfo.processInfo.environment
        let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        let isTerminal = isatty(STDOUT_FILENO) == 1
        return Terminal(isColoured: isTerminal && isWanted, columns: isTerminal ? width : nil)
    }

    /// Of standard output, in characters; 80 if unknown.
    static var width: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
    }

    package func bold(_ text: String) -> String { styled(text, 1) }
    package func dim(_ text: String) -> String { styled(text, 2) }
    package func red(_ text: String) -> String { styled(text, 31) }
    package func green(_ text: String) -> String { styled(text, 32) }
    package func yellow(_ text: String) -> String { styled(text, 33) }

    private func styled(_ text: String, _ code: Int) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
