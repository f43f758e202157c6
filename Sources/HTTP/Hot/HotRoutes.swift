// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Metrics
import NIOCore
import NIOHTTP1
import Telemetry

/// The hot routes of one listener.
final class HotRoutes: Sendable {
    /// A route and the timers that measure its requests.
    final class Entry: Sendable {
        typealias Begin =
            @Sendable (Entry, HTTPRequestHead, HotPath.Parameters, ConnectionHandler, any EventLoop) -> HotExchange

        private struct Series: Hashable {
            let method: String
            let status: Int
        }

        private let method: HTTPMethod
        private let answersAnyMethod: Bool
        let path: HotPath
        let bodyLimit: BodyLimit
        let memory: BodyMemory?
        fileprivate let begin: Begin
        private let timers: MetricHandles<Series, Metrics.Timer>

        init(_ route: some HotRoute, durations: RequestDurations) {
            method = route.method
            answersAnyMethod = route.answersAnyMethod
            path = route.path
            bodyLimit = route.bodyLimit
            memory = route.memory
            begin = { HotExchangeOf(route, $0, $1, $2, on: $3, loop: $4) }
            timers = MetricHandles { [path] series in
                durations.timer(for: series.method, route: path.template, status: series.status)
            }
        }

        func answers(_ method: HTTPMethod) -> Bool {
            // A GET route answers HEAD too.
            answersAnyMethod || method == self.method || (method == .HEAD && self.method == .GET)
        }

        func duration(of method: HTTPMethod, status: Int) -> Metrics.Timer {
            timers[Series(method: RequestDurations.label(of: method.rawValue), status: status)]
        }
    }

    let date = DateHeader()
    /// The largest body that any route of the listener reads, in bytes; other routes read documents at most.
    let largestBody: Int
    private let entries: [Entry]

    init(_ routes: [any HotRoute], durations: RequestDurations) {
        entries = routes.map { Entry($0, durations: durations) }
        largestBody = entries.map(\.bodyLimit.bytes).reduce(BodyLimit.document.bytes, max)
    }

    /// - Returns: nil if no hot route answers this request.
    func exchange(for head: HTTPRequestHead, on connection: ConnectionHandler, loop: any EventLoop) -> HotExchange? {
        for entry in entries {
            guard entry.answers(head.method) else { continue }
            if let parameters = entry.path.match(head.uri) {
                return entry.begin(entry, head, parameters, connection, loop)
            }
        }
        return nil
    }
}
