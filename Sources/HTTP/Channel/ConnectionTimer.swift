// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The one timer of a connection. A connection that is kept alive gets a new limit with every request, and a scheduled
/// task for each would cost much: the task is only moved when it finds its limit not reached.
final class ConnectionTimer {
    /// What a connection waits for.
    enum Wait {
        /// The first byte of a request.
        case request
        /// The end of a request's headers.
        case headers
        /// The end of a request's body.
        case body
        /// The client to read what it was answered.
        case reader
        /// The client to close its side.
        case close
    }

    private let loop: NIOIsolatedEventLoop
    private let expire: (Wait) -> Void
    private var current: (wait: Wait, limit: NIODeadline)?
    private var task: (scheduled: Scheduled<Void>, time: NIODeadline)?

    /// - Parameter expire: called on the event loop when a limit has passed.
    init(on loop: NIOIsolatedEventLoop, expire: @escaping (Wait) -> Void) {
        self.loop = loop
        self.expire = expire
    }

    /// A wait that already runs goes on with the limit it has.
    func start(_ wait: Wait, _ duration: Duration) {
        guard current?.wait != wait else { return }
        let limit = NIODeadline.now() + TimeAmount(duration)
        current = (wait, limit)
        if let task, task.time <= limit { return }
        schedule(limit)
    }

    func stop() {
        current = nil
    }

    /// Ends the timer and what it holds.
    func cancel() {
        current = nil
        task?.scheduled.cancel()
        task = nil
    }

    private func schedule(_ time: NIODeadline) {
        task?.scheduled.cancel()
        task = (loop.scheduleTask(deadline: time) { self.fired() }, time)
    }

    private func fired() {
        task = nil
        guard let (wait, limit) = current else { return }
        guard limit <= .now() else { return schedule(limit) }
        current = nil
        expire(wait)
    }
}
