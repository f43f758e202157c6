// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Keeps a number of connections busy, each with one request at a time.
struct ClosedLoop: Sendable {
    let target: BenchTarget
    let connections: Int
    let progress = LoadProgress()

    /// Runs until the time is up or the source is exhausted, and everything sent has been answered.
    /// - Throws: `ServiceError` if nothing listens there, or what the source throws.
    func run(_ source: some RequestSource, for duration: Duration) async throws -> LoadTally {
        // One thread, the event loop's, does everything; a server has the other cores.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let finished = loop.makePromise(of: LoadTally.self)
        loop.execute {
            LoadRun(source, self, for: TimeAmount(duration), on: loop, finished: finished).begin()
        }
        return try await finished.futureResult.get()
    }
}
