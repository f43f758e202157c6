// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1
import Notation
import UnixSignals

struct ReplaysStartCommand: AsyncParsableCommand {
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case processed, ignored, failed, quarantined
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
            let answer = try await service.json(
                .POST, "/admin/v1/replays", as: dryRun ? .dryRun : .replay, body: .object(request))
            if dryRun {
                connection.show(answer, as: ReplayReport.dryRun)
                return
            }
            let id = answer["id"]?.string ?? ""
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
                // Somebody else has stopped it, or something is still wrong.
                if end["status"] == "canceled" || (end.at("ended.failed")?.integer ?? 0) > 0 { throw ExitCode.failure }
            } catch let error as ServiceError {
                ExitReport.say("tollgate: the replay is not lost; see: \(hint)")
                throw error
            }
        }
    }

    private var request: [String: JSON] {
        var request: [String: JSON] = ["status": .string(status.rawValue), "dry_run": .bool(dryRun)]
        for (name, value) in selection.query {
            if let value { request[name] = .string(value) }
        }
        return request
    }

    /// - Returns: the replay at its end; nil where the operator does not want to wait for it.
    private func wait(for replay: JSON, _ service: ServiceClient) async throws -> JSON? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: JSON?.self) { group in
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

    private func watch(_ replay: JSON, _ service: ServiceClient) async throws -> JSON {
        let path = ReplayArgument.path(replay["id"]?.string ?? "")
        var replay = replay
        var progress = ProgressLine()
        defer { progress.clear() }
        while !ReplayReport.isOver(replay) {
            // Standard output is for the answer alone where a program reads it.
            if !connection.json { progress.show(ReplayReport.progress(replay)) }
            do {
                try await Task.sleep(for: .milliseconds(300))
            } catch {
                break  // the operator does not want to wait
            }
            replay = try await service.json(.GET, path, as: .replay)
        }
        return replay
    }
}
