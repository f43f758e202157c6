// SPDX-License-Identifier: Apache-2.0

import Console
import NIOCore
import NIOPosix

/// One run of a closed loop. Belongs to its event loop, as do all of its connections: nothing here needs a lock.
final class LoadRun<Source: RequestSource> {
    /// How long to wait for the last answers once the time is up.
    private static var timeout: TimeAmount { .seconds(10) }
    private static var reconnectPause: TimeAmount { .milliseconds(10) }

    private let loop: any EventLoop
    private let plan: ClosedLoop
    private let duration: TimeAmount
    private let finished: EventLoopPromise<LoadTally>
    private var source: Source
    private var tally = LoadTally()
    private var connections: [LoadConnection<Source>] = []
    /// Connections that are not yet finished; some of them may be about to be reopened.
    private var working: Int
    private var startedAt: NIODeadline?
    private var end = NIODeadline.distantFuture
    private var lastAnswer: NIODeadline?
    private var deadline: Scheduled<Void>?
    private var isFinished = false

    init(
        _ source: Source,
        _ plan: ClosedLoop,
        for duration: TimeAmount,
        on loop: any EventLoop,
        finished: EventLoopPromise<LoadTally>
    ) {
        self.source = source
        self.plan = plan
        self.duration = duration
        self.loop = loop
        self.finished = finished
        working = plan.connections
    }

    /// Opens all connections, then starts the clock.
    func begin() {
        // A server may accept connections only to close them.
        deadline = loop.assumeIsolated().scheduleTask(in: Self.timeout) {
            self.finish(.failure(ServiceError.timedOut(url: self.plan.target.base)))
        }
        for _ in 0..<plan.connections { connect() }
    }

    private func connect() {
        let run = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LoadConnection(run.value))
                }
            }
            .connect(host: plan.target.host, port: plan.target.port)
            .assumeIsolated()
            .whenFailure { self.missed($0) }
    }

    func connected(_ connection: LoadConnection<Source>) {
        guard !isFinished else {
            connection.close()
            return
        }
        connections.append(connection)
        if startedAt != nil {
            connection.send()
        } else if connections.count == plan.connections {
            start()
        }
    }

    private func start() {
        let now = NIODeadline.now()
        (startedAt, end) = (now, now + duration)
        deadline?.cancel()
        deadline = loop.assumeIsolated().scheduleTask(deadline: end + Self.timeout) { self.giveUp() }
        // A copy: a connection with nothing to send leaves the list.
        for connection in connections { connection.send() }
    }

    /// - Returns: the request's number, from 0; nil once the time is up or nothing is left to send.
    func next(into buffer: inout ByteBuffer, at now: NIODeadline) -> Int? {
        guard now < end, !isFinished else { return nil }
        do {
            guard try source.next(into: &buffer) else {
                tally.isUsedUp = true
                return nil
            }
        } catch {
            finish(.failure(error))
            return nil
        }
        defer { tally.requests += 1 }
        return tally.requests
    }

    /// Also once the time is up: what has begun is brought to its end.
    /// - Returns: false if nothing follows this request.
    func follow(_ number: Int, into buffer: inout ByteBuffer) -> Bool {
        !isFinished && source.follow(number, into: &buffer)
    }

    func answered(_ status: Int, _ outcome: UnsafeRawBufferPointer, sentAt: NIODeadline, isFollowUp: Bool) {
        let now = NIODeadline.now()
        lastAnswer = now
        tally.count(status: status, outcome: outcome)
        if now <= end {
            let microseconds = (now - sentAt).nanoseconds / 1_000
            if isFollowUp {
                tally.measureFollowUp(microseconds: microseconds, isSuccess: (200..<300).contains(status))
            } else {
                tally.measure(microseconds: microseconds)
            }
        }
        plan.progress.count()
    }

    /// There is nothing left to do for this one.
    func retire(_ connection: LoadConnection<Source>) {
        connections.removeAll { $0 === connection }
        working -= 1
        if working == 0 { finish() }
    }

    /// - Parameter cause: what went wrong; nil if no answer is missing.
    func lost(_ connection: LoadConnection<Source>, cause: String?) {
        guard !isFinished else { return }
        connections.removeAll { $0 === connection }
        if let cause { tally.fail(cause) }
        again(after: Self.reconnectPause)
    }

    /// The server closed a connection after its answer: another takes its place.
    func closed(_ connection: LoadConnection<Source>) {
        connections.removeAll { $0 === connection }
        again(after: .zero)
    }

    private func missed(_ error: any Error) {
        guard !isFinished else { return }
        let cause = ServiceClient.cause(error)
        guard startedAt != nil else {
            finish(.failure(ServiceError.unreachable(url: plan.target.base, cause: cause)))
            return
        }
        tally.fail(cause)
        again(after: Self.reconnectPause)
    }

    private func again(after pause: TimeAmount) {
        if NIODeadline.now() < end, !tally.isUsedUp {
            loop.assumeIsolated().scheduleTask(in: pause) { if !self.isFinished { self.connect() } }
        } else {
            working -= 1
            if working == 0 { finish() }
        }
    }

    private func giveUp() {
        for connection in connections where connection.isWaiting { tally.fail("no answer within 10 s of the end") }
        finish()
    }

    private func finish(_ failure: Result<LoadTally, any Error>? = nil) {
        guard !isFinished else { return }
        isFinished = true
        deadline?.cancel()
        for connection in connections { connection.close() }
        connections = []
        if let startedAt {
            let until = tally.isUsedUp ? min(lastAnswer ?? startedAt, end) : end
            tally.elapsed = .nanoseconds((until - startedAt).nanoseconds)
        }
        finished.completeWith(failure ?? .success(tally))
    }
}
