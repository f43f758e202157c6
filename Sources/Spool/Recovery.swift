// SPDX-License-Identifier: Apache-2.0

/// What `Spool.open` found.
package struct Recovery: Sendable, Hashable {
    /// Valid records that wait to be drained.
    package internal(set) var records = 0
    /// What belonged to no valid record: a write that a crash cut short, or bytes that the disk changed.
    package internal(set) var damage: [Damage] = []
    /// Segments that could not be read now, which are not counted above, and damage that could not be set aside (disk full),
    /// beside which the valid records are. All stays where it is, and draining tries again.
    package internal(set) var postponed: [SpoolError] = []
    /// What lay there as a segment and cannot be one of Tollgate's. It was not read.
    package internal(set) var foreign: [ForeignFile] = []
    /// How many records in `refused/` wait for an operator.
    package internal(set) var refused = 0

    /// In bytes.
    package var setAside: Int { damage.reduce(0) { $0 + $1.bytes } }
}
