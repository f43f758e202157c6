// SPDX-License-Identifier: Apache-2.0

import Notation

/// All segments of a locked folder: old ones that wait to be drained, and at most one that is appended to. Knows
/// nothing of threads; every call blocks.
struct Segments: ~Copyable {
    let folder: SpoolFolder
    /// In bytes. Only a single record can make a segment larger.
    let segmentSize: Int
    /// Nil once closed.
    private var locked: LockedFolder?
    private(set) var isOpen = true
    private var nextNumber: Int
    var backlog = Backlog()
    private var unknownFiles = UnknownFiles()
    /// Whether the folder could not be found or locked when it was last needed.
    private var isAway = false
    private var active: ActiveSegment?

    /// - Throws: `inUse`, `unsafe`, `cannotOpen`, `cannotRead`, `cannotWrite`.
    init(_ folder: SpoolFolder, segmentSize: Int) throws(SpoolError) {
        self.folder = folder
        self.segmentSize = segmentSize
        locked = try LockedFolder.take(folder, waits: true)
        nextNumber = try folder.nextSegmentNumber()
    }

    /// Lets another process open the folder. Everything is already synced.
    mutating func close() {
        seal()
        locked = nil
        isOpen = false
    }

    var state: SpoolState {
        var state = SpoolState()
        var oldest: [Timestamp] = []
        for segment in backlog.waiting {
            state.records += segment.records
            state.bytes += segment.bytes
            if let time = segment.firstReceivedAt { oldest.append(time) }
        }
        // They take up no room in this folder.
        for segment in backlog.lost {
            state.records += segment.records
            if let time = segment.firstReceivedAt { oldest.append(time) }
        }
        if let current {
            state.records += current.records
            state.bytes += current.bytes
            if let time = current.firstReceivedAt { oldest.append(time) }
        }
        state.stuck = isAway ? state.records : backlog.stuckRecords
        state.oldestReceivedAt = oldest.min()
        return state
    }

    /// The active segment's summary. A switch, because optional chaining would consume a noncopyable value.
    private var current: SealedSegment? {
        switch active {
        case .some(let active): active.summary
        case .none: nil
        }
    }

    // MARK: The folder

    private var mark: FolderMark? {
        switch locked {
        case .some(let locked): locked.mark
        case .none: nil
        }
    }

    /// Makes sure that the path leads to the folder whose lock is held; if not, locks the folder that is there now.
    /// What waits in a folder that is gone stays counted.
    /// - Parameter isMade: whether to create a folder if there is none.
    /// - Throws: `displaced`, `inUse`, `unsafe`, `cannotOpen`, `cannotRead`, `cannotWrite`.
    private mutating func hold(making isMade: Bool) throws(SpoolError) {
        isAway = true
        let standing = try mark?.standing(at: folder) ?? .displaced
        if standing == .ours {
            isAway = false
            return
        }
        if !isMade, try folder.identity() == nil { throw .displaced(path: folder.path) }
        let anew = try LockedFolder.take(folder, waits: false)
        let number = try folder.nextSegmentNumber()
        seal()
        if standing == .displaced {
            backlog.lose()
            unknownFiles = UnknownFiles()
        }
        locked = consume anew
        // Higher than the numbers of the old folder: the two may be merged again.
        nextNumber = max(nextNumber, number)
        isAway = false
    }

    /// Checks that an append would succeed: takes the same steps, as far as possible without an event.
    /// - Throws: as `hold`.
    mutating func probe() throws(SpoolError) {
        // While events wait in a folder that was moved away, this check creates no new one: it would be in the way of
        // whoever moves the old one back. An append does create one.
        try hold(making: backlog.waiting.isEmpty && (current?.bytes ?? 0) == 0)
        if let mark, case .some(let isFound) = try isActiveFound(mark), !isFound { seal() }
        if current == nil {
            _ = try createNext()
            try folder.discardSegment(nextNumber)
        }
        try folder.probe()
    }

    /// Nil if there is no active segment.
    private func isActiveFound(_ mark: FolderMark) throws(SpoolError) -> Bool? {
        switch active {
        case .some(let active): try active.isFound(in: folder)
        case .none: nil
        }
    }

    // MARK: Appending

    /// Returns once the whole batch is durable; if it throws, none of the batch counts.
    /// - Throws: `cannotWrite`, `displaced`, and as `hold`.
    mutating func append(_ batch: RecordBatch) throws(SpoolError) {
        if let length = current?.bytes, length > 0, length + batch.bytes.count > segmentSize { seal() }
        if current == nil { try begin() }
        guard let mark else { throw .closed }
        do throws(SpoolError) {
            try active?.append(batch, in: folder, mark)
        } catch {
            if active?.isSound == false { seal() }
            throw error
        }
    }

    private mutating func begin() throws(SpoolError) {
        try hold(making: true)
        let file = try createNext()
        let identity = try file.identity()
        active = ActiveSegment(nextNumber, file, identity)
        nextNumber += 1
    }

    /// Creates the file with the next free number: somebody may have put a segment there to be drained.
    private mutating func createNext() throws(SpoolError) -> OpenFile {
        for _ in 0..<2 {
            while nextNumber <= SpoolFolder.highestNumber {
                if let file = try folder.createSegment(nextNumber) { return file }
                nextNumber += 1
            }
            nextNumber = try folder.nextSegmentNumber()
        }
        throw .cannotWrite(path: folder.path, reason: "its highest segment number is taken")
    }

    private mutating func seal() {
        guard let summary = current else { return }
        active = nil
        backlog.add(summary)
    }

    // MARK: Draining

    /// Reads the oldest segment that is not empty and can be read; if it was the active one, it is sealed. One that
    /// cannot be read or repaired now stays, does not hold up the others, and is tried again at the next call.
    /// - Throws: `cannotRead`, `displaced`; `cannotWrite` while damage cannot be set aside and nothing else is left to
    ///   drain; once each, `foreign` for a file put in a segment's place, `cannotRead` for a segment that is gone.
    mutating func oldest(at now: ContinuousClock.Instant = .now) throws(SpoolError) -> SpoolSegment? {
        try hold(making: false)
        folder.makeParts()
        var trouble: SpoolError?
        var tried: Set<Int> = []
        while true {
            let segment: SealedSegment
            if let next = backlog.next {
                segment = next
            } else if let current {
                if current.bytes > 0 {
                    seal()
                } else {
                    // Begun on a full disk, and nothing could be written.
                    active = nil
                    try folder.removeSegment(current.number)
                }
                continue
            } else if try takeUp(at: now, &trouble) {
                continue
            } else if let stuck = backlog.nextStuck(besides: tried) {
                segment = stuck
            } else {
                guard let trouble else { return nil }
                throw trouble
            }
            tried.insert(segment.number)
            let outcome: Repaired?
            do throws(SpoolError) {
                outcome = try repair(segment.number)
            } catch {
                backlog.fail(segment.number)
                if case .foreign = error, try isSetAside(segment.number, &trouble) { throw error }
                trouble = trouble ?? error
                continue
            }
            guard let repaired = outcome else {
                backlog.fail(segment.number)
                // Did the whole folder go, or only this file?
                try hold(making: false)
                guard backlog.contains(segment.number) else { continue }
                // Somebody else deleted it: report it once, then go on to the next. If put back, it is taken up again.
                backlog.remove(segment.number)
                throw .cannotRead(path: folder.path(ofSegment: segment.number), reason: "it is gone")
            }
            backlog.update(repaired.segment)
            if !repaired.records.isEmpty || !repaired.damage.isEmpty {
                return SpoolSegment(sealed: repaired.segment, records: repaired.records, damage: repaired.damage)
            }
            try remove(repaired.segment)
        }
    }

    /// Forgets a file that cannot be Tollgate's, but only once it has been moved out of the way.
    private mutating func isSetAside(_ number: Int, _ trouble: inout SpoolError?) throws(SpoolError) -> Bool {
        do throws(SpoolError) {
            _ = try folder.setAsideUnread(number)
        } catch {
            trouble = trouble ?? error
            return false
        }
        backlog.remove(number)
        return true
    }

    /// Takes up what was put into the folder since the last look.
    /// - Returns: whether there is something to drain.
    private mutating func takeUp(
        at now: ContinuousClock.Instant, _ trouble: inout SpoolError?
    ) throws(SpoolError) -> Bool {
        var found: [Int: FileStamp] = [:]
        for number in try folder.segmentNumbers() where !backlog.contains(number) {
            found[number] = try FileStamp.at(folder.path(ofSegment: number))
        }
        for action in unknownFiles.see(found, at: now) {
            do throws(SpoolError) { try take(action) } catch { trouble = trouble ?? error }
        }
        return backlog.next != nil
    }

    /// - Throws: `unknownSegment`, `displaced`, `cannotRead`, `cannotWrite`; it may then be called again.
    mutating func remove(_ segment: SealedSegment) throws(SpoolError) {
        // The file with this number in another folder must not be removed.
        try hold(making: false)
        // Its records are committed: if its file comes back, they are recognised as repeats.
        if backlog.removeLost(segment) { return }
        guard backlog.waiting.contains(segment) else {
            throw .unknownSegment(name: SpoolFolder.name(ofSegment: segment.number))
        }
        if let stamp = try FileStamp.at(folder.path(ofSegment: segment.number)), stamp.size != segment.bytes {
            throw .unknownSegment(name: SpoolFolder.name(ofSegment: segment.number))
        }
        try folder.removeSegment(segment.number)
        backlog.remove(segment.number)
    }
}
