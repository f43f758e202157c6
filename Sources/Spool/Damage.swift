// SPDX-License-Identifier: Apache-2.0

/// Bytes of a segment that belong to no record, moved out of it.
package struct Damage: Sendable, Hashable {
    /// Where they are now: a path below the spool's directory, `damaged/<segment>-<offset>.bin`.
    package let file: String
    package let bytes: Int
}
