// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The table that `scripts/test --faults` prints at its end.
enum FaultReport {
    static func add(
        _ fault: String, cycles: Int, acknowledged: Int, spooled: Int = 0, refused: Int, lost: Int, doubled: Int,
        slowest: Duration
    ) {
        let milliseconds = Int(slowest / .milliseconds(1))
        let line =
            "\(fault)\t\(cycles)\t\(acknowledged)\t\(spooled)\t\(refused)\t\(lost)\t\(doubled)\t\(milliseconds) ms\n"
        print(line, terminator: "")
        guard let path = ProcessInfo.processInfo.environment["TOLLGATE_FAULT_REPORT"] else { return }
        let file = fopen(path, "a")
        fputs(line, file)
        fclose(file)
    }
}
