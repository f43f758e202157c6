// SPDX-License-Identifier: Apache-2.0

/// What somebody announced by `NOTIFY`.
package struct Notification: Sendable, Hashable {
    package let channel: String
    package let payload: String
}
