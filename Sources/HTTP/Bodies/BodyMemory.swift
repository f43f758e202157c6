// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The memory that the bodies of all requests may take together. The first `freeSize` bytes of each are free (the
/// number of connections bounds them): a small body is never refused. When nothing is left, the body that has been
/// arriving the longest is evicted: a client that holds memory and sends nothing loses, not the newcomer. A large body
/// is refused only if complete bodies that wait for the database or the spool hold all memory.
package final class BodyMemory: Sendable {
    /// Most of Stripe's events are smaller.
    static let freeSize = 16 * 1024

    private enum Stage {
        case arriving
        case read
        /// It was told to make room, and will do so.
        case evicted
    }

    private struct Body {
        /// Lower numbers came first.
        let number: Int
        var size = 0
        var stage = Stage.arriving
        let evict: @Sendable () -> Void
    }

    private struct State {
        var left: Int
        /// What evicted bodies are about to give back.
        var promised = 0
        var nextNumber = 0
        var bodies: [ObjectIdentifier: Body] = [:]
    }

    private let state: Mutex<State>

    package init(bytes: Int) {
        state = Mutex(State(left: bytes))
    }

    /// What all bodies hold now.
    var taken: Int { state.withLock { $0.bodies.values.reduce(0) { $0 + $1.size } } }

    /// What one body has taken; given back when the lease is dropped.
    package final class Lease: Sendable {
        private let memory: BodyMemory

        /// - Parameter evict: called on any thread when the body must make room; must not retain the lease.
        init(_ memory: BodyMemory, evict: @escaping @Sendable () -> Void) {
            self.memory = memory
            memory.enter(ObjectIdentifier(self), evict)
        }

        deinit {
            memory.giveBack(ObjectIdentifier(self))
        }

        /// - Returns: false if nothing is left and no other body can make room.
        func take(_ bytes: Int) -> Bool {
            memory.take(bytes, for: ObjectIdentifier(self))
        }

        /// The body was read to its end, so it no longer makes room for others.
        func keep() {
            memory.keep(ObjectIdentifier(self))
        }
    }

    private func enter(_ id: ObjectIdentifier, _ evict: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.bodies[id] = Body(number: state.nextNumber, evict: evict)
            state.nextNumber += 1
        }
    }

    private func take(_ bytes: Int, for id: ObjectIdentifier) -> Bool {
        var evictions: [@Sendable () -> Void] = []
        let isGranted = state.withLock { state in
            while state.left + state.promised < bytes {
                let arriving = state.bodies.filter { $0.value.stage == .arriving }
                guard let (oldest, body) = arriving.min(by: { $0.value.number < $1.value.number }), oldest != id else {
                    return false
                }
                state.bodies[oldest]?.stage = .evicted
                state.promised += body.size
                evictions.append(body.evict)
            }
            guard state.bodies[id]?.stage == .arriving else { return false }
            state.left -= bytes
            state.bodies[id]?.size += bytes
            return true
        }
        for evict in evictions { evict() }
        return isGranted
    }

    private func keep(_ id: ObjectIdentifier) {
        state.withLock { state in
            if state.bodies[id]?.stage == .arriving { state.bodies[id]?.stage = .read }
        }
    }

    private func giveBack(_ id: ObjectIdentifier) {
        state.withLock { state in
            guard let body = state.bodies.removeValue(forKey: id) else { return }
            state.left += body.size
            if body.stage == .evicted { state.promised -= body.size }
        }
    }
}
