// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Logging

/// Writes each log event as one line: as text for people, as a JSON object for machines.
///
/// A line stays one line whatever a value contains, and values under telling names are redacted (see `LogRedaction`).
/// Nothing relies on the latter: callers do not pass secrets.
package struct TollgateLogHandler: LogHandler {
    package enum Format: String, CaseIterable, Sendable {
        /// `2026-11-26T09:00:00.123Z info     message key=value`
        case text
        /// `{"time":…,"level":…,"logger":…,"message":…,"fields":{…}}`: the caller's keys stay inside `fields`, so that
        /// none can pose as the level or the time.
        case json
    }

    /// Takes one line, including its line feed.
    package typealias Sink = @Sendable ([UInt8]) -> Void

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: Format
    private let sink: Sink
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - label: the logger's name, `logger` in JSON.
    ///   - sink: where lines go: standard error, except in tests.
    package init(
        label: String,
        format: Format,
        level: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil,
        sink: @escaping Sink = StandardError.write,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.metadataProvider = metadataProvider
        self.sink = sink
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let time = now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let message = LogRedaction.clean(event.message.description, limit: LogText.messageLimit)
        let fields = fields(of: event)
        let line =
            switch format {
            case .text: textLine(time, event.level, message, fields)
            case .json: jsonLine(time, event.level, message, fields)
            }
        sink(Array(line.utf8))
    }

    /// The event's own fields override the provider's, which override the logger's.
    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error {
            fields["error"] = .string("\(error)")
            fields["error.type"] = .string("\(type(of: error))")
        }
        return fields
    }

    private func textLine(
        _ time: String,
        _ level: Logger.Level,
        _ message: String,
        _ fields: Logger.Metadata
    ) -> String {
        let padding = String(repeating: " ", count: "critical".utf8.count - level.rawValue.utf8.count)
        var line = "\(time) \(level.rawValue)\(padding) \(LogText.escape(message))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(LogText.word(key))=\(LogRedaction.isTelling(key) ? LogRedaction.mask : LogText.text(value))"
        }
        return line + "\n"
    }

    private func jsonLine(
        _ time: String,
        _ level: Logger.Level,
        _ message: String,
        _ fields: Logger.Metadata
    ) -> String {
        var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"logger\":\(LogText.quote(label)),"
        line += "\"message\":\(LogText.quote(message))"
        if !fields.isEmpty { line += ",\"fields\":\(LogText.json(.dictionary(fields)))" }
        return line + "}\n"
    }
}
