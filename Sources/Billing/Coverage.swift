// SPDX-License-Identifier: Apache-2.0

import Notation

/// How far a paid invoice reaches.
package enum Coverage: Sendable, Hashable, Comparable {
    case until(Timestamp)
    /// Its lines carry no period.
    case openEnded

    /// When it ends; nil for never.
    package var end: Timestamp? {
        if case .until(let end) = self { end } else { nil }
    }

    package static func < (lhs: Coverage, rhs: Coverage) -> Bool {
        switch (lhs, rhs) {
        case (.until(let one), .until(let other)): one < other
        case (.until, .openEnded): true
        case (.openEnded, _): false
        }
    }
}
