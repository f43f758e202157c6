// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// What was logged at `debug` and above.
package final class LogRecord: Sendable {
    private let events = Mutex<[(level: Logger.Level, text: String)]>([])

    package init() {}

    package var logger: Logger { Logger(label: "test") { _ in LogRecorder(record: self) } }

    fileprivate func add(_ level: Logger.Level, _ text: String) {
        events.withLock { $0.append((level, text)) }
    }

    package func texts(_ level: Logger.Level) -> [String] {
        events.withLock { $0.filter { $0.level == level }.map(\.text) }
    }

    package var everything: String {
        events.withLock { $0.map(\.text).joined(separator: "\n") }
    }
}

private struct LogRecorder: LogHandler {
    let record: LogRecord
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(record: LogRecord) {
        self.record = record
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        record.add(event.level, "\(event.message) \(all)")
    }
}
