// SPDX-License-Identifier: Apache-2.0

/// A file that somebody else put into the spool's directory, or that cannot be what its name says.
package struct ForeignFile: Sendable, Hashable {
    package let path: String
    package let reason: String
    /// Where it is now, below the spool's directory; nil if it could not be moved.
    package let movedTo: String?
}
