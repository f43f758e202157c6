// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The resources that this process uses.
package enum ProcessFigures {
    /// Processor time since the start, in seconds, both in the program and in the kernel on its behalf.
    package static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Resident memory in bytes; nil if there is no /proc. See proc_pid_statm(5).
    package static var residentBytes: Double? {
        // A figure that is unavailable is left out of the scrape.
        guard let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " "),
            pages.count > 1, let resident = Double(pages[1])
        else { return nil }
        return resident * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
