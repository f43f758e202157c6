// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Notation
import Settings

/// A time as it is given to a command: RFC 3339, a date (its beginning in UTC), or a distance from now.
package struct PointInTime: ExpressibleByArgument, Hashable, Sendable {
    private enum Form: Hashable {
        case moment(Timestamp)
        case distance(Duration)
    }

    private let form: Form

    package init?(argument: String) {
        if let distance = try? DurationSetting.parse(argument, variable: "") {  // otherwise one of the other forms
            form = .distance(distance)
        } else if let moment = Timestamp(rfc3339: argument) {
            form = .moment(moment)
        } else if argument.utf8.count == 10, let moment = Timestamp(rfc3339: "\(argument)T00:00:00Z"),
            moment.description.hasPrefix(argument)
        {
            form = .moment(moment)
        } else {
            return nil
        }
    }

    package static let forms = "2026-11-26T09:00:00Z, 2026-11-26, 4h or 1d"

    /// A distance counts back.
    package func past(from now: Timestamp = WallClock.now) -> Timestamp { time { now - $0 } }

    /// A distance counts ahead.
    func future(from now: Timestamp = WallClock.now) -> Timestamp { time { now + $0 } }

    private func time(_ at: (Duration) -> Timestamp) -> Timestamp {
        switch form {
        case .moment(let moment): moment
        case .distance(let distance): at(distance)
        }
    }
}
