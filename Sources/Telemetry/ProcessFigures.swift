// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// What this process takes of its machine.
package enum ProcessFigures {
    /// Time on a processor since the start, in the program and in the kernel for it, in seconds.
    package static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Memory that is in RAM, in bytes; nil where there is no /proc. See proc_pid_statm(5).
    package static var residentBytes: Double? {
        // A figure that cannot be had is left out of the scrape.
        guard let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " "),
            pages.count > 1, let resident = Double(pages[1])
        else { return nil }
        return resident * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
