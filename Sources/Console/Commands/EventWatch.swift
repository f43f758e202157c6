// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Notation

/// Waits for the ends of events that were posted, all of them until one moment.
struct EventWatch {
    /// With the admin token.
    let service: ServiceClient
    let deadline: ContinuousClock.Instant

    private static let longestPause: Duration = .milliseconds(500)

    /// - Returns: the event as the admin API shows it, at its end or as it was seen last; nil where it has not been seen:
    ///   it waits in the spool.
    func end(of id: String) async throws -> JSON? {
        var last: JSON?
        var pause: Duration = .milliseconds(20)
        while true {
            do throws(ServiceError) {
                let event = try await service.json(.GET, EventArgument.path(id), as: .event)
                if Self.isEnd(event) { return event }
                last = event
            } catch {
                guard case .refused(_, let status, _, _) = error, [404, 503].contains(status) else { throw error }
            }
            guard ContinuousClock.now + pause < deadline else { return last }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    static func isEnd(_ event: JSON) -> Bool { event["status"]?.string.map { $0 != "pending" } ?? false }

    /// Ended as an event that some rule, or none, wants.
    static func isGood(_ event: JSON?) -> Bool { ["processed", "ignored"].contains(event?["status"]?.string) }

    /// `evt_1: ignored: unhandled_type`
    static func summary(_ id: String, _ event: JSON) -> String {
        let words = [event["status"], event["detail"], event["error"]].compactMap(Field.text)
        return ([id] + words).map(TerminalSafe.text).joined(separator: ": ")
    }
}
