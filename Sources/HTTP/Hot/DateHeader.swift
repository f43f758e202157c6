// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The `Date` header, formatted anew once a second.
final class DateHeader: Sendable {
    private let last = Mutex<(second: time_t, text: String)>((-1, ""))

    /// RFC 9110's IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    var text: String {
        let now = time(nil)
        return last.withLock { last in
            if last.second != now { last = (now, Self.format(now)) }
            return last.text
        }
    }

    static func format(_ seconds: time_t) -> String {
        var (seconds, parts) = (seconds, tm())
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { bytes in
            // Days and months are in English: no locale is ever set.
            let count = strftime(bytes.baseAddress, bytes.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
