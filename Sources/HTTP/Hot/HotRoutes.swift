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
        typealias Begin = @Sendable (Entry, HTTPRequestHead, String, ConnectionHandler, any EventLoop) -> HotExchange

        private struct Series: Hashable {
            let isHead: Bool
            let status: Int
        }

        let method: HTTPMethod
        let path: HotPath
        let bodyLimit: BodyLimit
        let memory: BodyMemory?
        fileprivate let begin: Begin
        private let timers: MetricHandles<Series, Metrics.Timer>

        init(_ route: some HotRoute, durations: RequestDurations) {
            method = route.method
            path = route.path
            bodyLimit = route.bodyLimit
            memory = route.memory
            begin = { HotExchangeOf(route, $0, $1, parameter: $2, on: $3, loop: $4) }
            timers = MetricHandles { [method, path] series in
                let method = series.isHead ? HTTPMethod.HEAD : method
                return durations.timer(for: method.rawValue, route: path.template, status: series.status)
            }
        }

        func duration(of method: HTTPMethod, status: Int) -> Metrics.Timer {
            timers[Series(isHead: method == .HEAD, status: status)]
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
            // A GET route answers HEAD too.
            guard head.method == entry.method || (head.method == .HEAD && entry.method == .GET) else { continue }
            if let parameter = entry.path.match(head.uri) {
                return entry.begin(entry, head, parameter, connection, loop)
            }
        }
        return nil
    }
}
