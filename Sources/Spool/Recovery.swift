// SPDX-License-Identifier: Apache-2.0

/// What `Spool.open` found.
package struct Recovery: Sendable, Hashable {
    /// Valid records that wait to be drained.
    package internal(set) var records = 0
    /// Bytes that belonged to no valid record: a write that a crash cut short, or bytes that the disk corrupted.
    package internal(set) var damage: [Damage] = []
    /// Segments that could not be read now (not counted above), and damage that could not be set aside (disk full; the
    /// valid records beside it are counted). All of it stays where it is, and draining tries again.
    package internal(set) var postponed: [SpoolError] = []
    /// Files with a segment's name that cannot be Tollgate's. They were not read.
    package internal(set) var foreign: [ForeignFile] = []
    /// How many records in `refused/` wait for an operator.
    package internal(set) var refused = 0

    /// In bytes.
    package var setAside: Int { damage.reduce(0) { $0 + $1.bytes } }
}
