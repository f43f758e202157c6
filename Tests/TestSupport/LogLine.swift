// SPDX-License-Identifier: Apache-2.0

import Notation

/// One line of a program's JSON log.
package struct LogLine {
    package let level: String
    package let message: String
    package let fields: JSON

    /// The log lines in a program's standard error; other lines are left out.
    package static func all(in text: String) -> [LogLine] {
        text.split(separator: "\n").compactMap { line in
            guard let json = try? JSON(bytes: Array(line.utf8)), let level = json["level"]?.string,
                let message = json["message"]?.string
            else { return nil }
            return LogLine(level: level, message: message, fields: json["fields"] ?? [:])
        }
    }
}
