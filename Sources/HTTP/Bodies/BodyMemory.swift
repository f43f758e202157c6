// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the bodies of all requests may take together. The first `freeSize` bytes of each are free, which the number of
/// connections bounds: a small body is never turned away. Beyond, when all is taken, the body that has waited for its end
/// the longest makes room: who holds memory and sends nothing loses it, not who comes. Only where all is taken by bodies
/// that were read to their end, and wait for the database or the spool, a further large one is turned away.
package final class BodyMemory: Sendable {
    /// Most of Stripe's events are smaller.
    static let freeSize = 16 * 1024

    private enum Stage {
        case arriving
        case read
        /// It was told to make room, and will.
        case evicted
    }

    private struct Body {
        /// Lower ones came first.
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

    /// What one body has taken; it is given back when the lease is dropped.
    package final class Lease: Sendable {
        private let memory: BodyMemory

        /// - Parameter evict: called when the body has to make room, on any thread; must not hold on to the lease.
        init(_ memory: BodyMemory, evict: @escaping @Sendable () -> Void) {
            self.memory = memory
            memory.enter(ObjectIdentifier(self), evict)
        }

        deinit {
            memory.giveBack(ObjectIdentifier(self))
        }

        /// - Returns: false where nothing is left, and nobody else makes room.
        func take(_ bytes: Int) -> Bool {
            memory.take(bytes, for: ObjectIdentifier(self))
        }

        /// The body was read to its end: it no longer makes room for others.
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
