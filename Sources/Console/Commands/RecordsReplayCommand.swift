// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RecordsReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Try again to charge what is quarantined, once its cause is mended.",
        discussion: "What still cannot be charged stays quarantined, and is named. Ends with 1 if there is any."
    )

    @Argument(help: ArgumentHelp("The record's id.", valueName: "id"))
    var id: String?

    @Flag(help: "All that wait.")
    var all = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (id != nil) != all else { throw ValidationError("Name one record, or give --all.") }
        if let id { try RecordArgument.check(id) }
    }

    func run() async throws {
        try await connection.withService { service in
            guard let id else { return try await replayAll(service) }
            let answer = try await service.call(UsageAPI.replay) { $0.id = id }
            connection.show(answer) { outcome, _ in [RecordReport.outcome(outcome)] }
            if answer.outcome == .quarantined { throw ExitCode.failure }
        }
    }

    /// - Returns: nil if it is no longer quarantined: its gateway, or somebody else, was faster.
    private func replay(_ id: String, _ service: ServiceClient) async throws -> Object<UsageAPI.Outcome>? {
        do throws(ServiceError) {
            return try await service.call(UsageAPI.replay) { $0.id = id }
        } catch {
            guard case .refused(_, _, "usage_not_quarantined", _) = error else { throw error }
            return nil
        }
    }

    /// One after the other, in the order of their ids.
    private func replayAll(_ service: ServiceClient) async throws {
        var (charged, left) = (0, 0)
        var place: String?
        var hasMore = true
        while hasMore {
            let page = try await service.call(UsageAPI.list) {
                $0.status = .quarantined
                $0.limit = PageLimit.range.upperBound
                $0.startingAfter = place
            }
            for record in page.data {
                guard let outcome = try await replay(record.id, service) else { continue }
                if outcome.outcome == .quarantined {
                    left += 1
                    if !connection.json { StandardOutput.print(RecordReport.outcome(outcome)) }
                } else {
                    charged += 1
                }
            }
            place = page.data.last?.id
            hasMore = page.hasMore
        }
        if connection.json {
            StandardOutput.print(
                PrettyJSON.text(["charged": .integer(Int64(charged)), "quarantined": .integer(Int64(left))]))
        } else {
            StandardOutput.print("\(charged) charged, \(left) still quarantined")
        }
        if left > 0 { throw ExitCode.failure }
    }
}
