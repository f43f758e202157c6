// SPDX-License-Identifier: Apache-2.0

import UnixSignals

/// What signals ask of a process: the first means an orderly stop, a second one an immediate stop, as somebody who
/// presses Ctrl-C twice means it.
struct StopRequests {
    /// What SIGHUP means: the terminal closed, or nothing.
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
        // A closing terminal and its shell both send SIGHUP: a second one is not a demand to hurry.
        defer { isStopping = true }
        return isStopping ? .nothing : .stop
    }
}
