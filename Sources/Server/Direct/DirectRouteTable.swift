import CoreMetrics
import Metrics
import NIOCore
import NIOHTTP1
import Synchronization

/// The direct routes of one listener.
final class DirectRouteTable: Sendable {
    /// A route and what its requests are measured with.
    final class Entry: Sendable {
        let route: any DirectRoute
        private let durations: RequestDurations
        private struct Series: Hashable {
            let isHead: Bool
            let status: Int
        }
        private let timers = Mutex<[Series: Metrics.Timer]>([:])

        init(_ route: any DirectRoute, durations: RequestDurations) {
            self.route = route
            self.durations = durations
        }

        func duration(of method: HTTPMethod, status: Int) -> Metrics.Timer {
            timers.withLock { timers in
                let series = Series(isHead: method == .HEAD, status: status)
                if let timer = timers[series] { return timer }
                let timer = durations.timer(for: method.rawValue, route: route.path.template, status: status)
                timers[series] = timer
                return timer
            }
        }
    }

    let date = DateHeader()
    private let entries: [Entry]

    init(_ routes: [any DirectRoute], durations: RequestDurations) {
        entries = routes.map { Entry($0, durations: durations) }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The route of a request, and what stands in the place of its path's `{…}`.
    func match(_ head: HTTPRequestHead) -> (Entry, String)? {
        for entry in entries {
            // A GET route answers HEAD too.
            guard head.method == entry.route.method || (head.method == .HEAD && entry.route.method == .GET) else {
                continue
            }
            if let parameter = entry.route.path.match(head.uri) { return (entry, parameter) }
        }
        return nil
    }
}
