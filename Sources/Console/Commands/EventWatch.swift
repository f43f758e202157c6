// SPDX-License-Identifier: Apache-2.0

import API

/// Waits until posted events have ended, with one deadline for all of them.
struct EventWatch {
    /// With the admin token.
    let service: ServiceClient
    let deadline: ContinuousClock.Instant

    private static let longestPause: Duration = .milliseconds(500)

    /// - Returns: the event as the admin API shows it, ended or as last seen; nil if it was never seen, as while it
    ///   waits in the spool.
    func end(of id: String) async throws -> Object<EventsAPI.Detail>? {
        var last: Object<EventsAPI.Detail>?
        var pause: Duration = .milliseconds(20)
        while true {
            do throws(ServiceError) {
                let event = try await service.call(EventsAPI.show) { $0.id = id }
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

    static func isEnd(_ event: Object<EventsAPI.Detail>) -> Bool {
        event.status != EventsAPI.StatusWord.pending.rawValue
    }

    /// Whether it ended without a failure.
    static func isGood(_ event: Object<EventsAPI.Detail>?) -> Bool {
        [EventsAPI.StatusWord.processed.rawValue, EventsAPI.StatusWord.ignored.rawValue].contains(event?.status)
    }

    /// `evt_1: ignored: unhandled_type`
    static func summary(_ id: String, _ event: Object<EventsAPI.Detail>) -> String {
        let words = [event.status, event.detail, event.error].compactMap(\.self)
        return ([id] + words).map(TerminalSafe.text).joined(separator: ": ")
    }
}
