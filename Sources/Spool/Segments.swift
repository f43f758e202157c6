import Stripe

/// All segments of a locked folder: old ones that wait to be drained and at most one that is appended to. Knows
/// nothing of threads; every call blocks.
struct Segments: ~Copyable {
    let folder: SpoolFolder
    /// In bytes. Only a single record can make a segment larger.
    let segmentSize: Int
    /// Nil once closed.
    private var lock: OpenFile?
    private(set) var isOpen = true
    private var nextNumber: Int
    /// Oldest first.
    var sealed: [SealedSegment] = []
    private var active: ActiveSegment?

    /// - Throws: `inUse`, `unsafe`, `cannotOpen`, `cannotRead`, `cannotWrite`.
    init(_ folder: SpoolFolder, segmentSize: Int) throws(SpoolError) {
        self.folder = folder
        self.segmentSize = segmentSize
        try folder.make()
        try folder.checkOwner()
        lock = try folder.lock()
        try folder.checkWritable()
        try folder.removeIncompleteFiles()
        nextNumber = try folder.nextSegmentNumber()
    }

    /// Lets another process in. Everything is synced already.
    mutating func close() {
        seal()
        lock = nil
        isOpen = false
    }

    var state: SpoolState {
        var state = SpoolState()
        for segment in sealed {
            state.records += segment.records
            state.bytes += segment.bytes
            state.oldestReceivedAt = state.oldestReceivedAt ?? segment.firstReceivedAt
        }
        if let current {
            state.records += current.records
            state.bytes += current.bytes
            state.oldestReceivedAt = state.oldestReceivedAt ?? current.firstReceivedAt
        }
        return state
    }

    /// Of the active segment. A switch, because optional chaining would consume what cannot be copied.
    private var current: SealedSegment? {
        switch active {
        case .some(let active): active.summary
        case .none: nil
        }
    }

    // MARK: Appending

    /// Returns once all of the batch is durable; when it throws, none of it counts.
    /// - Throws: `cannotWrite`.
    mutating func append(_ batch: RecordBatch) throws(SpoolError) {
        if let length = current?.bytes, length > 0, length + batch.bytes.count > segmentSize { seal() }
        if current == nil { try begin() }
        do throws(SpoolError) {
            try active?.append(batch, in: folder)
        } catch {
            if active?.isSound == false { seal() }
            throw error
        }
    }

    private mutating func begin() throws(SpoolError) {
        guard nextNumber <= SpoolFolder.highestNumber else {
            throw .cannotWrite(path: folder.path, reason: "its highest segment number is used")
        }
        let file = try folder.createSegment(nextNumber)
        active = ActiveSegment(nextNumber, file)
        nextNumber += 1
    }

    private mutating func seal() {
        guard let summary = current else { return }
        active = nil
        sealed.append(summary)
    }

    // MARK: Draining

    /// The oldest segment that holds anything, read; it is sealed if it was the active one.
    /// - Throws: `cannotRead`; `cannotWrite` while damage cannot be set aside; `foreign`, once, for what somebody put in a
    ///   segment's place.
    mutating func oldest() throws(SpoolError) -> SpoolSegment? {
        while true {
            if sealed.isEmpty, let current {
                if current.bytes > 0 {
                    seal()
                } else {
                    // Begun on a full disk, and nothing could be written.
                    active = nil
                    try folder.removeSegment(current.number)
                }
            }
            guard let segment = sealed.first else { return nil }
            guard let (repaired, records, damage) = try repairOrForget(segment) else {
                // Deleted by somebody else: said once, then the next one has its turn.
                sealed.removeFirst()
                throw .cannotRead(path: folder.path(ofSegment: segment.number), reason: "it is gone")
            }
            sealed[0] = repaired
            if !records.isEmpty || !damage.isEmpty {
                return SpoolSegment(sealed: repaired, records: records, damage: damage)
            }
            try remove(repaired)
        }
    }

    private mutating func repairOrForget(
        _ segment: SealedSegment
    ) throws(SpoolError) -> (segment: SealedSegment, records: [SpooledRecord], damage: [Damage])? {
        do throws(SpoolError) {
            return try repair(segment.number)
        } catch .foreign(let path, let reason) {
            sealed.removeFirst()
            _ = try folder.setAsideUnread(segment.number)
            throw .foreign(path: path, reason: reason)
        }
    }

    /// - Throws: `unknownSegment`, `cannotWrite`; it may then be called again.
    mutating func remove(_ segment: SealedSegment) throws(SpoolError) {
        guard let index = sealed.firstIndex(of: segment) else {
            throw .unknownSegment(name: SpoolFolder.name(ofSegment: segment.number))
        }
        try folder.removeSegment(segment.number)
        sealed.remove(at: index)
    }
}
