// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import HTTP
import Hummingbird
import Metrics
import Notation

/// What has changed, for gateways that keep answers: by pages, or as a stream of server-sent events.
struct ChangeRoutes: Sendable {
    let feed: ChangeFeed
    let reads: GatewayReads
    /// How long the reader of a stream may read nothing.
    let stallTime: Duration
    /// Streams that were ended because nobody read them.
    let slowReaders: Counter
    let now: @Sendable () -> Timestamp

    func register(on routes: OperationRoutes) {
        routes.on(ChangesAPI.changes) { call in
            let wanted = call.parameters
            return try await changes(
                after: try wanted.cursor.map(Self.cursor), atMost: wanted.limit, waiting: wanted.wait, call.client)
        }
        routes.on(raw: ChangesAPI.stream) { call in
            let given = call.parameters.lastEventID ?? call.parameters.cursor
            return try await stream(after: try given.map(Self.cursor), call.client)
        }
    }

    private static func cursor(_ text: String) throws(ProblemDetails) -> FeedCursor {
        guard let cursor = FeedCursor(text) else {
            throw ProblemDetails(
                .invalidCursor, "This is no cursor: send one as it was answered, or none to begin now.")
        }
        return cursor
    }

    // MARK: By pages

    private func changes(
        after given: FeedCursor?,
        atMost limit: Int,
        waiting wait: Duration,
        _ client: ClientConnection
    ) async throws -> Object<ChangesAPI.Page> {
        let deadline = ContinuousClock.now + wait
        do {
            let cursor = if let given { given } else { try await reads { try await feed.now() } }
            let page =
                wait > .zero
                ? try await poll(cursor, limit, until: deadline, client)
                : try await reads { try await feed.changes(after: cursor, atMost: limit) }
            return ChangeDocument.page(page, page.changes.isEmpty && !page.hasMore ? cursor : page.cursor)
        } catch let failure as ChangeFeed.Failure {
            throw Self.problem(failure)
        }
    }

    private func poll(
        _ cursor: FeedCursor,
        _ limit: Int,
        until deadline: ContinuousClock.Instant,
        _ client: ClientConnection
    ) async throws -> FeedPage {
        guard let place = feed.polls.take() else { throw ProblemDetails.tooManyReaders }
        defer { withExtendedLifetime(place) {} }
        let follower = FeedFollower()
        client.whenClientLeaves { follower.end() }
        return try await follower.untilStopped {
            try await feed.changes(after: cursor, atMost: limit, until: deadline, follower, by: reads)
        }
    }

    private static func problem(_ failure: ChangeFeed.Failure) -> ProblemDetails {
        switch failure {
        case .tooOld:
            ProblemDetails(
                .cursorTooOld,
                "This cursor is of another database, or of this one before it was restored: read /v1/access.")
        case .unavailable: .serviceUnavailable(detail: "The database is away; try again.", retryAfter: 1)
        }
    }

    // MARK: As a stream

    private func stream(after given: FeedCursor?, _ client: ClientConnection) async throws -> Response {
        guard let place = feed.streams.take() else { throw ProblemDetails.tooManyReaders }
        let first: FeedPage?
        do {
            first = try await reads {
                let cursor = if let given { given } else { try await feed.now() }
                return try await feed.changes(after: cursor, atMost: ChangeStream.pageSize)
            }
        } catch ChangeFeed.Failure.tooOld {
            first = nil
        }
        let stream = ChangeStream(
            feed: feed, reads: reads, client: client, stallTime: stallTime, slowReaders: slowReaders, now: now,
            place: place)
        return Response(
            status: .ok, headers: ChangeStream.headers,
            body: ResponseBody { writer in
                try await stream.send(first, to: writer)
                try await writer.finish(nil)
            })
    }
}

extension ChangeFeed {
    /// The same, with each read of the database no longer than a gateway's.
    func changes(
        after cursor: FeedCursor,
        atMost limit: Int,
        until deadline: ContinuousClock.Instant,
        _ follower: FeedFollower,
        by reads: GatewayReads
    ) async throws -> FeedPage {
        try await changes(after: cursor, atMost: limit, until: deadline, follower) { cursor in
            try await reads { try await self.changes(after: cursor, atMost: limit) }
        }
    }
}

extension ProblemDetails {
    fileprivate static var tooManyReaders: ProblemDetails {
        .serviceUnavailable(detail: "Too many wait for changes already.", retryAfter: 5)
    }
}
