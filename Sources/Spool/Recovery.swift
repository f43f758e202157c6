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

/// Bytes of a segment that are no record, moved out of it.
package struct Damage: Sendable, Hashable {
    /// Where they are now: a path below the spool's directory, `damaged/<segment>-<offset>.bin`.
    package let file: String
    package let bytes: Int
}

/// A file that somebody else put into the spool's directory, or that cannot be what its name says.
package struct ForeignFile: Sendable, Hashable {
    package let path: String
    package let reason: String
    /// Where it is now, below the spool's directory; nil where it could not be moved.
    package let movedTo: String?
}
