// SPDX-License-Identifier: Apache-2.0

/// Holds a handler until the test opens the gate, and lets the test wait for the handler.
actor Gate {
    private var isOpen = false
    private var isReached = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var watching: [CheckedContinuation<Void, Never>] = []

    /// Waits until the gate opens.
    func pass() async {
        isReached = true
        for continuation in watching { continuation.resume() }
        watching = []
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Waits until a handler is at the gate.
    func reached() async {
        if isReached { return }
        await withCheckedContinuation { watching.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
