// SPDX-License-Identifier: Apache-2.0

/// A text as one word of a POSIX shell, whatever it holds: URLs and ids come from Stripe, and advice is pasted.
package enum ShellWord {
    /// Bare where it can be: what reads an environment file may keep quotes.
    package static func written(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/._-".utf8.contains(byte)
        }
        return isPlain && !text.isEmpty ? text : quoted(text)
    }

    package static func quoted(_ text: String) -> String {
        "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}
