// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import UnixSignals

struct ReplaysStartCommand: AsyncParsableCommand {
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case processed, ignored, failed, quarantined

        var word: EventsAPI.StatusWord {
            switch self {
            case .processed: .processed
            case .ignored: .ignored
            case .failed: .failed
            case .quarantined: .quarantined
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Run all events again that match.",
        discussion: """
            Which events these are is settled at the start; --dry-run shows it. The server queues them a few hundred at a \
            time, so that new events do not wait. The command waits for the end; Ctrl-C leaves the replay running.
            """
    )

    @Option(help: "Events in this state.")
    var status: Status

    @OptionGroup var selection: EventSelectionOptions

    @Flag(help: "Count the events and show some of them; run none.")
    var dryRun = false

    @Flag(help: "Do not wait for the end.")
    var noWait = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            if dryRun {
                let preview = try await service.call(ReplaysAPI.start, or: ReplaysAPI.Preview.self, body: request)
                connection.show(preview, as: ReplayReport.dryRun)
                return
            }
            let answer = try await service.call(ReplaysAPI.start, body: request)
            let id = answer.id
            let hint = "tollgate replays show \(id)"
            guard !noWait, !ReplayReport.isOver(answer) else {
                connection.show(answer) { answer, _ in
                    [ReplayReport.summary(answer)] + (ReplayReport.isOver(answer) ? [] : ["see: \(hint)"])
                }
                return
            }
            do {
                guard let end = try await wait(for: answer, service) else {
                    ExitReport.say("tollgate: the replay goes on; see: \(hint); stop it: tollgate replays cancel \(id)")
                    throw ExitCode.failure
                }
                connection.show(end) { end, _ in [ReplayReport.summary(end)] }
                // Somebody else has canceled it, or events have failed again.
                if end.status == .canceled || (end.ended.failed ?? 0) > 0 { throw ExitCode.failure }
            } catch let error as ServiceError {
                ExitReport.say("tollgate: the replay is not lost; see: \(hint)")
                throw error
            }
        }
    }

    private var request: Object<ReplaysAPI.Request> {
        Object {
            selection.fill(&$0)
            $0.status = status.word
            $0.dryRun = dryRun
        }
    }

    /// - Returns: the replay at its end; nil if the operator interrupted the wait.
    private func wait(
        for replay: Object<ReplaysAPI.Replay>,
        _ service: ServiceClient
    ) async throws -> Object<ReplaysAPI.Replay>? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Object<ReplaysAPI.Replay>?.self) { group in
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            group.addTask { try await watch(replay, service) }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func watch(
        _ replay: Object<ReplaysAPI.Replay>,
        _ service: ServiceClient
    ) async throws -> Object<ReplaysAPI.Replay> {
        let id = replay.id
        var replay = replay
        var progress = ProgressLine()
        defer { progress.clear() }
        while !ReplayReport.isOver(replay) {
            // With `--json`, standard output holds only the answer.
            if !connection.json { progress.show(ReplayReport.progress(replay)) }
            do {
                try await Task.sleep(for: .milliseconds(300))
            } catch {
                break  // interrupted by the operator
            }
            replay = try await service.call(ReplaysAPI.show) { $0.id = id }
        }
        return replay
    }
}
