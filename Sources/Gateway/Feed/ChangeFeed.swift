// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Store
import Synchronization

/// The feed of changed answers. One reader per process reads for all who wait, when a change is announced and every few
/// seconds anyway; it rests while nobody waits. Who goes on from a position that memory does not reach is answered by the
/// database, and joins the others from there.
package final class ChangeFeed: Service {
    package enum Failure: Error {
        /// The cursor is of another feed: everything must be read again.
        case tooOld
        /// The database does not answer.
        case unavailable
    }

    /// How many changes are read at once.
    private static let batch = 1_000
    /// An announcement may have got lost.
    private static let longestPause = Duration.seconds(2)
    private static let shortestPause = Duration.milliseconds(10)
    /// How long a read may take until nobody is told any more that nothing is new.
    private static let longestRead = Duration.seconds(2)
    /// While an older transaction hides what was announced; doubled up to the longest.
    private static let hiddenPauses = Duration.milliseconds(20)...Duration.milliseconds(200)
    /// How long it goes on after the last one has left: most come back at once.
    private static let rest = Duration.seconds(60)

    private struct State {
        /// Nil while nobody follows, and while the database is away.
        var tail: ChangeTail?
        /// The last read succeeded.
        var isReading = false
        /// The last read failed, or the one under way takes too long.
        var isFailing = false
        var followers: [ObjectIdentifier: FeedFollower] = [:]
        var lastFollowed: ContinuousClock.Instant?
    }

    /// Who waits for one page.
    package let polls = FeedPlaces(1_000)
    /// Who is sent whatever comes.
    package let streams = FeedPlaces(1_000)

    private let reader: ChangeReader
    private let outages: Outages
    private let state = Mutex(State())
    /// Wakes the reader.
    private let alarm = FeedFollower()

    /// - Parameter announcements: of changed customers, of this process and others.
    package init(_ reader: ChangeReader, announcements: Announcements, outages: Outages) {
        self.reader = reader
        self.outages = outages
        announcements.subscribe { [weak self] _ in self?.announced() }
    }

    private func announced() {
        if state.withLock({ $0.lastFollowed != nil }) { alarm.wake() }
    }

    // MARK: Following

    /// The position of this moment.
    package func now() async throws -> FeedCursor { FeedCursor(try await reader.moment()) }

    /// What comes after a cursor, as the database knows it now.
    /// - Throws: `Failure`, and what the database throws.
    package func changes(after cursor: FeedCursor, atMost limit: Int) async throws -> FeedPage {
        let reading = try await reader.changes(after: cursor.position, atMost: limit)
        guard reading.moment.identity == cursor.identity, cursor.position.xid <= reading.moment.xmax else {
            throw Failure.tooOld
        }
        report(reading)
        return FeedPage(
            changes: reading.changes,
            cursor: FeedCursor(identity: cursor.identity, position: reading.end),
            hasMore: reading.hasMore)
    }

    /// What comes after a cursor: if there is nothing, what comes first until the deadline.
    /// - Parameters:
    ///   - follower: ends the wait when it is ended.
    ///   - reading: reads from the database what memory does not reach.
    /// - Returns: an empty page, with where to go on, if nothing has come.
    /// - Throws: `Failure`, and what `reading` throws.
    package func changes(
        after cursor: FeedCursor,
        atMost limit: Int,
        until deadline: ContinuousClock.Instant,
        _ follower: FeedFollower,
        reading: (FeedCursor) async throws -> FeedPage
    ) async throws -> FeedPage {
        enter(follower)
        defer { leave(follower) }
        var cursor = cursor
        while true {
            if state.withLock(\.isFailing) { throw Failure.unavailable }
            let page: FeedPage
            if let known = remembered(cursor, limit) {
                page = known
            } else {
                page = try await reading(cursor)
            }
            let isOver = follower.isEnded || ContinuousClock.now >= deadline
            if isOver || !page.changes.isEmpty { return page }
            cursor = page.cursor
            if !page.hasMore { await follower.wait(until: deadline) }
        }
    }

    private func enter(_ follower: FeedFollower) {
        let isFirst = state.withLock { state in
            state.followers[ObjectIdentifier(follower)] = follower
            defer { state.lastFollowed = .now }
            return state.lastFollowed == nil
        }
        if isFirst { alarm.wake() }
    }

    private func leave(_ follower: FeedFollower) {
        state.withLock { state in
            state.followers[ObjectIdentifier(follower)] = nil
            state.lastFollowed = .now
        }
    }

    /// - Returns: nil if memory does not reach so far.
    private func remembered(_ cursor: FeedCursor, _ limit: Int) -> FeedPage? {
        state.withLock { state in
            // A cursor of another feed, or of another process that is ahead: the database knows which.
            guard let tail = state.tail, tail.identity == cursor.identity, cursor.position <= tail.end,
                let found = tail.changes(after: cursor.position, atMost: limit)
            else { return nil }
            return FeedPage(
                changes: found.changes, cursor: FeedCursor(identity: tail.identity, position: found.end),
                hasMore: found.hasMore)
        }
    }

    private func report(_ reading: FeedReading) {
        for (_, error) in reading.unreadable { outages.failed(.requests, error) }
    }

    // MARK: Reading for all

    package func run() async throws {
        await alarm.untilStopped {
            var hiddenPause = Self.hiddenPauses.lowerBound
            while !alarm.isEnded {
                guard isFollowed() else {
                    await alarm.wait(until: .now + Self.rest)
                    continue
                }
                var pause = Self.longestPause
                do {
                    let hidesSome = try await readOn()
                    if hidesSome { pause = hiddenPause }
                    hiddenPause =
                        hidesSome ? min(hiddenPause * 2, Self.hiddenPauses.upperBound) : Self.hiddenPauses.lowerBound
                    // Announcements come in bursts.
                    try await Task.sleep(for: Self.shortestPause)
                } catch is CancellationError {
                    break
                } catch {
                    failed(error)
                }
                await alarm.wait(until: .now + pause)
            }
        }
        for follower in state.withLock({ Array($0.followers.values) }) { follower.end() }
    }

    /// Forgets everything once nobody has followed for a while.
    private func isFollowed() -> Bool {
        state.withLock { state in
            guard let last = state.lastFollowed else { return false }
            if !state.followers.isEmpty || last.duration(to: .now) < Self.rest { return true }
            state.tail = nil
            state.isReading = false
            state.isFailing = false
            state.lastFollowed = nil
            return false
        }
    }

    /// Reads all that can be read by now.
    /// - Returns: whether older transactions still hide something.
    private func readOn() async throws -> Bool {
        while true {
            let start: FeedCursor
            if let tail = state.withLock(\.tail) {
                start = FeedCursor(identity: tail.identity, position: tail.end)
            } else {
                let moment = try await timed { try await reader.moment() }
                state.withLock { $0.tail = ChangeTail(from: moment) }
                start = FeedCursor(moment)
            }
            let reading = try await timed { try await reader.changes(after: start.position, atMost: Self.batch) }
            report(reading)
            // Another server answers by now: everybody learns that from it.
            let isOther = reading.moment.identity != start.identity
            publish(isOther ? nil : reading)
            if !isOther, !reading.hasMore { return reading.hidesSome }
        }
    }

    /// - Parameter reading: what follows the tail; nil to begin anew.
    private func publish(_ reading: FeedReading?) {
        let woken = state.withLock { state -> [FeedFollower] in
            let isNews = reading?.changes.isEmpty != true || !state.isReading
            state.isReading = reading != nil
            state.isFailing = false
            if let reading { state.tail?.append(reading) } else { state.tail = nil }
            return isNews ? Array(state.followers.values) : []
        }
        for follower in woken { follower.wake() }
    }

    /// Whoever follows is told in time that a database which accepts and never answers is away.
    private func timed<T>(_ read: () async throws -> T) async throws -> T {
        let watch = Task { [weak self] in
            try await Task.sleep(for: Self.longestRead)
            self?.isAway()
        }
        defer { watch.cancel() }
        return try await read()
    }

    private func failed(_ error: any Error) {
        outages.failed(.requests, error)
        isAway()
    }

    private func isAway() {
        let followers = state.withLock { state in
            state.isReading = false
            state.isFailing = true
            return Array(state.followers.values)
        }
        for follower in followers { follower.wake() }
    }
}
