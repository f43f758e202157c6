// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Receives the signals that ask the process to stop, from its creation on. As a service it ends at the first such
/// signal, and ends the group with it.
struct StopSignals: Service {
    private final class Heard: Sendable {
        let stop = Atomic(false)
        let lastAct = Mutex<(@Sendable () -> Void)?>(nil)
    }

    private let requests: AsyncStream<Void>
    private let heard = Heard()
    private let listening: Task<Void, Never>

    /// - Parameter limit: how long the stop may take, counted from the first signal; nil if something else depends on
    ///   an orderly end. What is acknowledged is durable by then, so an immediate stop loses nothing.
    init(hangup: StopRequests.Hangup, limit: Duration?, logger: Logger) async {
        let (requests, request) = AsyncStream<Void>.makeStream()
        self.requests = requests
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        listening = Task { [heard] in
            var state = StopRequests(hangup: hangup)
            for await signal in signals {
                switch state.received(signal) {
                case .stop:
                    logger.info("asked to stop", metadata: ["signal": "\(signal)"])
                    heard.stop.store(true, ordering: .releasing)
                    request.yield()
                    if let limit { Self.end(after: limit, logger: logger) }
                case .stopAtOnce:
                    logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
                    heard.lastAct.withLock { $0?() }
                    _exit(1)
                case .note:
                    logger.notice(
                        "SIGHUP changes nothing: settings and secrets are read at the start; restart to change them")
                case .nothing:
                    break
                }
            }
        }
    }

    /// On its own thread, for when all others hang in calls that nothing interrupts, such as a name lookup.
    private static func end(after limit: Duration, logger: Logger) {
        DispatchQueue(label: "tollgate.stop").asyncAfter(deadline: .now() + limit / .seconds(1)) {
            logger.critical("did not end in time: stopped at once", metadata: ["limit": "\(limit)"])
            _exit(1)
        }
    }

    /// - Parameter act: what is still done if a second signal ends the process at once. It must not wait for anything.
    func beforeStoppingAtOnce(_ act: @escaping @Sendable () -> Void) { heard.lastAct.withLock { $0 = act } }

    /// Whether a signal has asked for a stop.
    var isStopRequested: Bool { heard.stop.load(ordering: .acquiring) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in requests { break }
        }
    }

    func cancel() { listening.cancel() }
}
