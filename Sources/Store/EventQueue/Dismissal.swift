// SPDX-License-Identifier: Apache-2.0

import Notation

/// An operator's word that an event which could not be taken in will not be: it counts as ignored from then on.
package struct Dismissal: Sendable, Hashable {
    /// What stands as the detail of such an event.
    package static let detail = "dismissed"
    /// What the message of its attempt begins with.
    static let prefix = "dismissed: "

    package let event: String
    package let reason: String
    package let `operator`: String
    package let at: Timestamp
}

/// What became of a request to dismiss an event.
package enum DismissalResult: Sendable, Hashable {
    /// By this request, or by one before.
    case dismissed(Dismissal)
    case unknown
    /// It has not failed.
    case notDismissible(EventState)
}
