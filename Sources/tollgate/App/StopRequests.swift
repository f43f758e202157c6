// SPDX-License-Identifier: Apache-2.0

import UnixSignals

/// What signals ask of a process: the first one for an orderly end, a second one for an end at once, as whoever presses
/// Ctrl-C twice means it.
struct StopRequests {
    /// What SIGHUP means: a terminal that closed, or nothing.
    enum Hangup: Sendable { case stops, isNoted }

    enum Action: Hashable, Sendable { case stop, stopAtOnce, note, nothing }

    private let hangup: Hangup
    private var isStopping = false
    private var isAskedByHand = false

    init(hangup: Hangup) {
        self.hangup = hangup
    }

    mutating func received(_ signal: UnixSignal) -> Action {
        if signal == .sighup {
            guard hangup == .stops else { return .note }
        } else {
            if isAskedByHand { return .stopAtOnce }
            isAskedByHand = true
        }
        // A closing terminal and its shell both send SIGHUP: another one is no impatience.
        defer { isStopping = true }
        return isStopping ? .nothing : .stop
    }
}
