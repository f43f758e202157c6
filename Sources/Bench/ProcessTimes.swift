// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// What the kernel has counted for a process: /proc/<pid>/stat, see proc_pid_stat(5).
struct ProcessTimes {
    /// At most 15 bytes of the program's name.
    let name: String
    let parent: Int
    /// Processor time in clock ticks, its own and that of the children it has waited for.
    let ticks: UInt64

    static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Nil if there is no such process, or no /proc.
    init?(_ process: Int) {
        // Processes come and go: one that cannot be read is gone.
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        // A name may contain anything, even parentheses; after the last one come the state, the parent and numbers.
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 14, let parent = Int(fields[1]) else { return nil }
        name = String(text[text.index(after: open)..<close])
        self.parent = parent
        ticks = fields[11...14].reduce(0) { $0 + (UInt64($1) ?? 0) }
    }

    /// All processes that exist now.
    static var all: [Int: ProcessTimes] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let pairs = names.compactMap(Int.init).compactMap { id in ProcessTimes(id).map { (id, $0) } }
        return Dictionary(pairs) { first, _ in first }
    }
}
