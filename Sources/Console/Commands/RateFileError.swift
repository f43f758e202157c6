// SPDX-License-Identifier: Apache-2.0

/// Why a file has no rates.
struct RateFileError: Error, CustomStringConvertible {
    let path: String
    let cause: String

    var description: String { "\(TerminalSafe.text(path)): \(cause)" }
}
