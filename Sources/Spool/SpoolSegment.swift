// SPDX-License-Identifier: Apache-2.0

import Notation

/// A sealed segment and its records: nothing is appended to it any more.
package struct SpoolSegment: Sendable, Hashable {
    /// What the spool knows of it: a segment is removed only if it is still in exactly this state.
    let sealed: SealedSegment
    /// In the order in which they were appended.
    package let records: [SpooledRecord]
    /// Damage that was found and set aside when the segment was read just now.
    package let damage: [Damage]

    /// The file's name in the spool's directory.
    package var name: String { SpoolFolder.name(ofSegment: sealed.number) }
    /// In bytes.
    package var setAside: Int { damage.reduce(0) { $0 + $1.bytes } }
}
