// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telemetry
import Testing

@Suite struct MetricHandlesTests {
    /// The names of the metrics that were made, in order.
    private final class Factory: Sendable {
        private let made = Mutex<[String]>([])

        var names: [String] { made.withLock(\.self) }

        func make(_ name: String) -> Int {
            made.withLock { made in
                made.append(name)
                return made.count
            }
        }
    }

    @Test func `a foreseen series is made at once, another when it is first asked for, each only once`() {
        let factory = Factory()
        let handles = MetricHandles(["a", "b", "a"]) { factory.make($0) }
        #expect(factory.names.sorted() == ["a", "b"])
        let first = handles["a"]
        let other = handles["c"]
        #expect(handles["a"] == first)
        #expect(handles["c"] == other && other != first)
        #expect(factory.names.filter { $0 == "c" } == ["c"])
        #expect(factory.names.last == "c")
    }

    @Test func `of many who ask at once, one makes it`() async {
        let factory = Factory()
        let handles = MetricHandles { factory.make($0) }
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { handles["x"] } }
            for await handle in group { #expect(handle == 1) }
        }
        #expect(factory.names == ["x"])
    }
}
