// SPDX-License-Identifier: Apache-2.0

extension Unicode.Scalar {
    /// Control characters, and those that change the direction of what follows, show as what they are: unreadable.
    var visible: Unicode.Scalar {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        default: self
        }
    }
}
