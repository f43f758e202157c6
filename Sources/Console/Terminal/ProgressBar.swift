// SPDX-License-Identifier: Apache-2.0

/// A progress bar, in characters that every terminal has.
package enum ProgressBar {
    private static let width = 30

    /// `[#####-----]  50%`
    package static func text(_ share: Double) -> String {
        let share = min(1, max(0, share))
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        let percent = String(Int(share * 100))
        return "[\(bar)] \(String(repeating: " ", count: 3 - percent.count))\(percent)%"
    }
}
