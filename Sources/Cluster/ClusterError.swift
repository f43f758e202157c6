// SPDX-License-Identifier: Apache-2.0

/// Why Tollgate has no PostgreSQL of its own, in one line for the person at the terminal.
package struct ClusterError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// Adds the first error in PostgreSQL's output, else its last line.
    init(_ what: String, output: String) {
        let lines = output.split(separator: "\n")
        let complaint = lines.first { line in ["FATAL:", "PANIC:", "ERROR:", "error:"].contains { line.contains($0) } }
        let reason = complaint ?? lines.last ?? "it said nothing"
        self.init("\(what): \(reason.trimmingPrefix { $0 == " " })")
    }
}
