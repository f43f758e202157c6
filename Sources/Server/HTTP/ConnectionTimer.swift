import NIOCore

/// The one timer of a connection. A connection that is kept alive gets a new limit with every request, and a scheduled
/// task for each would cost much: the task is only moved forward when it finds its limit not reached.
final class ConnectionTimer {
    private let loop: NIOIsolatedEventLoop
    private let expire: () -> Void
    private var limit: NIODeadline?
    private var task: (scheduled: Scheduled<Void>, time: NIODeadline)?

    /// - Parameter expire: called on the event loop when a limit has passed.
    init(on loop: NIOIsolatedEventLoop, expire: @escaping () -> Void) {
        self.loop = loop
        self.expire = expire
    }

    func start(_ duration: TimeAmount) {
        let limit = NIODeadline.now() + duration
        self.limit = limit
        if let task, task.time <= limit { return }
        schedule(limit)
    }

    func stop() {
        limit = nil
    }

    /// Ends the timer and what it holds.
    func cancel() {
        limit = nil
        task?.scheduled.cancel()
        task = nil
    }

    private func schedule(_ time: NIODeadline) {
        task?.scheduled.cancel()
        task = (loop.scheduleTask(deadline: time) { self.fired() }, time)
    }

    private func fired() {
        task = nil
        guard let limit else { return }
        guard limit <= .now() else { return schedule(limit) }
        self.limit = nil
        expire()
    }
}
