// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Store

/// Which items form a batch, and which are given up on, without a database.
@Suite struct GroupCommitStateTests {
    private let start = ContinuousClock.now
    private var state = GroupCommitState<String>(limit: 3, queueLimit: 4)

    private func after(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private mutating func add(_ items: String..., by seconds: Int = 10) {
        for item in items { _ = state.add(item, by: after(seconds)) }
    }

    /// What the watcher has to do next, in words.
    private mutating func watch(at seconds: Int) -> String {
        switch state.watch(at: after(seconds)) {
        case .end: "end"
        case .giveUp(let items): "give up \(items.joined(separator: " "))"
        case .sleep(let deadline): "sleep until \(start.duration(to: deadline).components.seconds)"
        }
    }

    @Test mutating func `the first asks for a turn and a watch, and those after it for nothing`() {
        #expect(state.add("a", by: after(1)) == .wait(takesTurn: true, watches: true))
        #expect(state.add("b", by: after(1)) == .wait(takesTurn: false, watches: false))
        #expect(state.begin(at: start) == ["a", "b"])
        #expect(state.add("c", by: after(1)) == .wait(takesTurn: false, watches: false))
    }

    @Test mutating func `what comes during a batch is the next one, of which none is too large`() {
        add("a")
        #expect(state.begin(at: start) == ["a"])
        add("b", "c", "d", "e")
        var (batch, takesTurn) = state.succeed()
        #expect(batch == ["a"])
        #expect(takesTurn)
        #expect(state.begin(at: start) == ["b", "c", "d"])
        (batch, takesTurn) = state.succeed()
        #expect(batch == ["b", "c", "d"])
        #expect(takesTurn)
        #expect(state.begin(at: start) == ["e"])
        (batch, takesTurn) = state.succeed()
        #expect(batch == ["e"])
        #expect(!takesTurn)
        #expect(state.counts == BatchCounts(batches: 3, items: 5))
        // With no items, watching ends; the next item requests a turn again.
        #expect(watch(at: 1) == "end")
        #expect(state.add("f", by: after(1)) == .wait(takesTurn: true, watches: true))
    }

    @Test mutating func `more than may wait are refused, beside those that the database has`() {
        add("a", "b", "c", "d")
        #expect(state.add("e", by: after(1)) == .refuse)
        #expect(state.begin(at: start) == ["a", "b", "c"])
        add("e", "f", "g")
        #expect(state.add("h", by: after(1)) == .refuse)
    }

    @Test mutating func `who is late is given up on, and whoever is queued behind it, but no other of its batch`() {
        add("a", by: 2)
        add("b", by: 1)
        _ = state.begin(at: start)
        add("c", by: 9)
        #expect(watch(at: 0) == "sleep until 1")
        #expect(watch(at: 1) == "give up b c")
        #expect(watch(at: 1) == "sleep until 2")
        // The other item still gets the result; nil stands for the one given up on.
        let (batch, takesTurn) = state.succeed()
        #expect(batch == ["a", nil])
        #expect(!takesTurn)
        #expect(watch(at: 1) == "end")
    }

    @Test mutating func `behind a batch that was sent just now, each waits for its own time`() {
        add("a", by: 2)
        add("b", "c", "d", by: 3)
        _ = state.begin(at: after(2) - .milliseconds(499))
        add("e", by: 2)
        add("f", by: 9)
        #expect(watch(at: 2) == "give up a e")
        #expect(state.succeed().batch == [nil, "b", "c"])
        #expect(state.begin(at: start) == ["d", "f"])
    }

    @Test mutating func `lines are served in turn, each in its order, and none fills the queue`() {
        state = GroupCommitState(limit: 3, queueLimit: 6, lineLimit: 4)
        for item in ["a1", "a2", "a3", "a4", "a5", "b1", "c1", "c2"] {
            let isRefused = state.add(item, to: String(item.prefix(1)), by: after(9)) == .refuse
            // The fifth of a line, and the seventh of all.
            #expect(isRefused == ["a5", "c2"].contains(item))
        }
        #expect(state.begin(at: start) == ["a1", "b1", "c1"])
        _ = state.succeed()
        _ = state.add("b2", to: "b", by: after(9))
        #expect(state.begin(at: start) == ["a2", "b2", "a3"])
        _ = state.succeed()
        #expect(state.begin(at: start) == ["a4"])
        #expect(!state.succeed().takesTurn)
    }

    @Test mutating func `who is given up on leaves his line, and the others keep their turns`() {
        for (item, seconds) in [("a1", 1), ("a2", 5), ("b1", 1), ("c1", 5)] {
            _ = state.add(item, to: String(item.prefix(1)), by: after(seconds))
        }
        #expect(watch(at: 1) == "give up a1 b1")
        #expect(state.begin(at: start) == ["a2", "c1"])
    }

    @Test mutating func `all are given up on while the turn is waited for, and then it has nothing to do`() {
        add("a", "b", by: 1)
        #expect(watch(at: 3) == "give up a b")
        // The requested turn is still to come.
        #expect(state.add("c", by: after(9)) == .wait(takesTurn: false, watches: false))
        #expect(watch(at: 9) == "give up c")
        #expect(state.begin(at: start) == [])
        #expect(state.succeed().takesTurn == false)
        #expect(state.counts == BatchCounts())
    }

    @Test mutating func `a failure is that of everybody who waits, once, and the next one tries anew`() {
        add("a", by: 1)
        add("b")
        _ = state.begin(at: start)
        #expect(watch(at: 1) == "give up a")
        add("c", "d")
        #expect(state.fail() == ["b", "c", "d"])
        #expect(watch(at: 1) == "end")
        #expect(state.add("e", by: after(2)) == .wait(takesTurn: true, watches: true))
        #expect(state.begin(at: start) == ["e"])
        #expect(state.succeed().batch == ["e"])
    }
}
