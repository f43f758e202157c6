// SPDX-License-Identifier: Apache-2.0

import Notation

/// An operator's decision to give up on an event that could not be taken in: it counts as ignored from then on.
package struct Dismissal: Sendable, Hashable {
    /// The detail of such an event.
    package static let detail = "dismissed"
    /// The prefix of its attempt's message.
    static let prefix = "dismissed: "

    package let event: String
    package let reason: String
    package let `operator`: String
    package let at: Timestamp
}

/// The result of a request to dismiss an event.
package enum DismissalResult: Sendable, Hashable {
    /// By this request, or by an earlier one.
    case dismissed(Dismissal)
    case unknown
    /// It has not failed.
    case notDismissible(EventState)
}
