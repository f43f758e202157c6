// SPDX-License-Identifier: Apache-2.0

import Gateway
import HTTP
import HTTPTypes
import Hummingbird
import Metrics
import NIOCore
import Notation

/// One client's stream of changes. Nothing is queued for it: it is sent what is new since what it was sent last, as fast as
/// it reads.
struct ChangeStream: Sendable {
    /// How many changes are written at once: about as much as the connection keeps for a client.
    static let pageSize = 50
    private static let checkpoints = Duration.seconds(10)
    private static let outagePause = Duration.seconds(1)

    static let headers: HTTPFields = {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // nginx would keep events back until its buffer is full.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return headers
    }()

    let feed: ChangeFeed
    let reads: GatewayReads
    let client: ClientConnection
    let stallTime: Duration
    let slowReaders: Counter
    let now: @Sendable () -> Timestamp
    /// Held while the stream lasts.
    let place: FeedPlaces.Place

    /// Until the client leaves, reads nothing, or the process stops.
    /// - Parameter first: what comes first; nil if the client must read everything again.
    func send(_ first: FeedPage?, to writer: any ResponseBodyWriter) async throws {
        // Milliseconds after which a client that lost its connection comes back.
        var bytes = Array("retry: 2000\n\n".utf8)
        guard let first else {
            ServerSentEvent.resync(to: &bytes)
            return try await write(bytes, to: writer)
        }
        let follower = FeedFollower()
        client.whenClientLeaves { follower.end() }
        append(first, isCheckpoint: true, to: &bytes)
        try await write(bytes, to: writer)
        try await follower.untilStopped { try await follow(first.cursor, follower, writer) }
    }

    private func follow(_ start: FeedCursor, _ follower: FeedFollower, _ writer: any ResponseBodyWriter) async throws {
        var cursor = start
        var checkpoint = ContinuousClock.now + Self.checkpoints
        while !follower.isEnded {
            var bytes: [UInt8] = []
            do {
                let page = try await feed.changes(
                    after: cursor, atMost: Self.pageSize, until: checkpoint, follower, by: reads)
                cursor = page.cursor
                let isDue = ContinuousClock.now >= checkpoint
                if isDue { checkpoint = .now + Self.checkpoints }
                append(page, isCheckpoint: isDue, to: &bytes)
            } catch ChangeFeed.Failure.tooOld {
                ServerSentEvent.resync(to: &bytes)
                return try await write(bytes, to: writer)
            } catch {
                // Told of where it was read. No checkpoint comes meanwhile, so the client knows that it may miss something.
                await follower.wait(until: .now + Self.outagePause)
                checkpoint = max(checkpoint, .now)
            }
            if !bytes.isEmpty { try await write(bytes, to: writer) }
        }
    }

    private func append(_ page: FeedPage, isCheckpoint: Bool, to bytes: inout [UInt8]) {
        for change in page.changes { ServerSentEvent.change(change, of: page.cursor.identity, to: &bytes) }
        if isCheckpoint { ServerSentEvent.checkpoint(page.cursor, at: now(), to: &bytes) }
    }

    private func write(_ bytes: [UInt8], to writer: any ResponseBodyWriter) async throws {
        try await client.write(ByteBuffer(bytes: bytes), to: writer, within: stallTime) { [slowReaders] in
            slowReaders.increment()
        }
    }
}
