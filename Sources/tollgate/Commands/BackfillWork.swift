// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Fetching
import Notation
import Server
import Store
import Synchronization
import UnixSignals

/// A backfill that a command requests and does, unless a server does it first.
struct BackfillWork: Sendable {
    private static let pause: Duration = .milliseconds(300)

    let store: Store
    let run: BackfillRun
    let showsProgress: Bool
    /// The backfill that was requested, which an interruption ends.
    private let own = OwnBackfill()

    private final class OwnBackfill: Sendable {
        let id = Mutex<String?>(nil)
    }

    init(store: Store, run: BackfillRun, showsProgress: Bool) {
        self.store = store
        self.run = run
        self.showsProgress = showsProgress
    }

    var hasBegun: Bool { own.id.withLock { $0 != nil } }

    /// - Returns: nil if a signal came first.
    func untilInterrupted(
        _ body: @escaping @Sendable () async throws -> BackfillRecord
    ) async throws -> BackfillRecord? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let end = try await withThrowingTaskGroup(of: BackfillRecord?.self) { group in
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            do {
                return try await group.next() ?? nil
            } catch is CancellationError {
                return nil
            }
        }
        if end == nil, let id = own.id.withLock({ $0 }) { try await run.stop(id, because: "it was interrupted") }
        return end
    }

    /// - Throws: `ValidationError` for a span without time.
    func request(
        since: Timestamp, until: Timestamp?, isDryRun: Bool, accounts: [String]
    ) async throws -> BackfillRecord {
        var progress = ProgressLine()
        defer { progress.clear() }
        var told: String?
        while true {
            let result = try await store.backfills.start(
                since: since, until: until, isDryRun: isDryRun, accounts: accounts, operator: "command line")
            switch result {
            case .started(let backfill):
                own.id.withLock { $0 = backfill.id }
                return try await carryOut(backfill, &progress)
            case .running(let other):
                // That of a process that was killed.
                if try await store.backfills.endAbandoned() { continue }
                if told != other.id {
                    progress.clear()
                    ExitReport.say("tollgate: waiting for the end of \(other.id), which another process is doing")
                    told = other.id
                }
                show(other, nil, &progress)
                try await Task.sleep(for: Self.pause)
            case .empty:
                let ends = until == nil ? "" : "--until is not after --since, or "
                throw ValidationError("\(ends)--since is not in the past.")
            }
        }
    }

    private func carryOut(_ backfill: BackfillRecord, _ progress: inout ProgressLine) async throws -> BackfillRecord {
        var run = self.run
        var trouble: String?
        while true {
            try Task.checkCancellation()
            let turn = try await run.advance()
            guard let now = try await store.backfills.find(backfill.id), now.status == .running else {
                return try await store.backfills.find(backfill.id) ?? backfill
            }
            switch turn {
            case .worked(let reached):
                trouble = nil
                show(now, reached, &progress)
            case .waits(let pause, let error):
                if trouble != error {
                    progress.clear()
                    ExitReport.say("tollgate: \(error); trying again for a minute")
                    trouble = error
                }
                try await Task.sleep(for: pause)
            // A server does it, or did.
            case .idle, .failed:
                show(now, nil, &progress)
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    private func show(_ backfill: BackfillRecord, _ reached: BackfillRun.Reached?, _ progress: inout ProgressLine) {
        guard showsProgress else { return }
        progress.show(
            BackfillReport.progress(
                BackfillDocument.backfill(backfill), account: reached?.account, share: reached?.share))
    }
}
