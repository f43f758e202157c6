// SPDX-License-Identifier: Apache-2.0

/// Why there is no PostgreSQL of Tollgate's own, in one line for the person at the terminal.
package struct ClusterError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// With the first thing PostgreSQL itself complains about, else the last it said.
    init(_ what: String, output: String) {
        let lines = output.split(separator: "\n")
        let complaint = lines.first { line in ["FATAL:", "PANIC:", "ERROR:", "error:"].contains { line.contains($0) } }
        let reason = complaint ?? lines.last ?? "it said nothing"
        self.init("\(what): \(reason.trimmingPrefix { $0 == " " })")
    }
}
