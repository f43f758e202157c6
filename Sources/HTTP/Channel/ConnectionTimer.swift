// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The single timer of a connection. A kept-alive connection gets a new limit with every request, and scheduling a task
/// for each would be expensive: the task is only rescheduled when it fires before the current limit.
final class ConnectionTimer {
    /// What a connection waits for.
    enum Wait {
        /// The first byte of a request.
        case request
        /// The end of a request's headers.
        case headers
        /// The end of a request's body.
        case body
        /// The client to read its answer.
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

    /// A wait that is already running keeps its limit.
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

    /// Ends the timer and releases what it holds.
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
