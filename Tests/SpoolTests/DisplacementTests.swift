// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import Spool

/// A folder that disappears while the spool is open, comes back, is replaced, or is opened by another process.
@Suite struct DisplacementTests {
    private static let first = "0000000000000001.spool"

    // MARK: Nothing acknowledged is forgotten

    /// What makes a folder unreadable for a while.
    enum Absence: String, CaseIterable {
        case moved, file, looseLink, linkToItself, forbidden

        /// - Returns: whether it can be made here.
        func begin(_ directory: SpoolDirectory, _ away: String) throws -> Bool {
            if self == .forbidden { return geteuid() != 0 && chmod(directory.path, 0) == 0 }
            try directory.move(to: away)
            switch self {
            case .moved, .forbidden: return true
            case .file: return FileManager.default.createFile(atPath: directory.path, contents: nil)
            case .looseLink: return symlink("/nonexistent/spool", directory.path) == 0
            case .linkToItself: return symlink(directory.path, directory.path) == 0
            }
        }

        func end(_ directory: SpoolDirectory, _ away: String) throws {
            if self == .forbidden {
                #expect(chmod(directory.path, 0o700) == 0)
                return
            }
            if self != .moved { #expect(unlink(directory.path) == 0) }
            try FileManager.default.moveItem(atPath: away, toPath: directory.path)
        }
    }

    @Test(
        "what waits in a folder that cannot be read for a moment is drained once it can, without a restart",
        arguments: Absence.allCases)
    func absence(_ kind: Absence) async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 130)
            for record in SpooledRecord.samples(3) { try await spool.append(record) }
            let away = directory.path + "-away"
            guard try kind.begin(directory, away) else {
                print("SKIPPED, NOT TESTED: a folder that may not be read; root may read all")
                return
            }
            for _ in 0..<5 { await #expect(throws: SpoolError.self) { try await spool.oldest() } }
            #expect(spool.state.records == 3)
            #expect(spool.state.stuck == 3)
            // No new folder is made: it would be in the way of the old one.
            #expect(await !spool.check())
            try kind.end(directory, away)
            #expect(await spool.check())
            #expect(try await spool.drain() == SpooledRecord.samples(3))
            #expect(spool.state.records == 0)
            #expect(spool.state.stuck == 0)
            try await spool.append(.sample(4))
            #expect(try await spool.drain() == [.sample(4)])
        }
    }

    @Test("a segment that may not be read for a moment holds up no other and no start, and is drained once it may")
    func forbiddenSegment() async throws {
        try await SpoolDirectory.with { directory in
            guard geteuid() != 0 else {
                print("SKIPPED, NOT TESTED: a file that may not be read; root may read all")
                return
            }
            let spool = try directory.open(segmentSize: 130)
            for record in SpooledRecord.samples(3) { try await spool.append(record) }
            #expect(chmod(directory.path + "/" + Self.first, 0) == 0)
            let second = try #require(try await spool.oldest())
            #expect(second.records == [.sample(2)])
            try await spool.remove(second)
            #expect(spool.state.records == 2)
            #expect(spool.state.stuck == 1)
            #expect(try Spool.list(directory: directory.path).foreign.map(\.reason) == ["Permission denied"])
            await spool.close()

            let again = try directory.open()
            #expect(again.recovery.foreign.isEmpty)
            #expect(again.recovery.postponed.count == 1)
            let third = try #require(try await again.oldest())
            #expect(third.records == [.sample(3)])
            try await again.remove(third)
            await #expect(throws: SpoolError.self) { try await again.oldest() }
            #expect(chmod(directory.path + "/" + Self.first, 0o600) == 0)
            #expect(try await again.drain() == [.sample(1)])
            await again.close()
        }
    }

    @Test("what lies in a segment's place and cannot be moved leaves the segment counted, and it is drained once back")
    func immovable() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 130)
            for record in SpooledRecord.samples(2) { try await spool.append(record) }
            let path = directory.path + "/" + Self.first
            try FileManager.default.moveItem(atPath: path, toPath: directory.path + "/kept")
            #expect(mkfifo(path, 0o600) == 0)
            try directory.remove("refused")
            try directory.write([], to: "refused")
            let second = try #require(try await spool.oldest())
            #expect(second.records == [.sample(2)])
            try await spool.remove(second)
            for _ in 0..<3 { await #expect(throws: SpoolError.self) { try await spool.oldest() } }
            #expect(spool.state.records == 1)
            #expect(rename(directory.path + "/kept", path) == 0)
            #expect(try await spool.drain() == [.sample(1)])
        }
    }

    @Test("a segment that somebody takes out and puts back is drained")
    func putBack() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            let kept = directory.path + "-kept"
            try FileManager.default.moveItem(atPath: directory.path + "/" + Self.first, toPath: kept)
            await #expect(throws: SpoolError.self) { try await spool.oldest() }
            #expect(try await spool.oldest() == nil)
            try FileManager.default.moveItem(atPath: kept, toPath: directory.path + "/" + Self.first)
            #expect(try await spool.drain(1) == [.sample(1)])
        }
    }

    // MARK: Nothing is acknowledged into a folder that is gone

    @Test("an append to a folder that was moved away is refused, the next goes into a new one, and the old comes back")
    func movedForGood() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            let away = directory.path + "-away"
            try directory.move(to: away)
            await #expect(throws: SpoolError.self) { try await spool.append(.sample(2)) }
            try await spool.append(.sample(3))
            #expect(await spool.check())
            #expect(throws: SpoolError.inUse(directory: directory.path)) { try directory.open() }
            #expect(try Spool.list(directory: directory.path).segments.map(\.records) == [1])
            #expect(spool.state.records == 2)
            #expect(spool.state.stuck == 1)
            #expect(try await spool.drain() == [.sample(3)])
            #expect(spool.state.records == 1)
            // The next outage.
            try await spool.append(.sample(4))
            #expect(try await spool.drain() == [.sample(4)])

            // The old folder's number was not used again.
            #expect(rename(away + "/" + Self.first, directory.path + "/" + Self.first) == 0)
            #expect(try directory.segments() == [Self.first])
            #expect(try await spool.drain(1) == [.sample(1)])
            #expect(spool.state.records == 0)
            // The old folder's lock is released.
            await (try Spool.open(directory: away, limit: 1 << 20)).close()
        }
    }

    @Test("a folder that was removed or replaced is made and locked anew", arguments: [false, true])
    func removed(isReplaced: Bool) async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            try FileManager.default.removeItem(atPath: directory.path)
            if isReplaced { #expect(mkdir(directory.path, 0o755) == 0) }
            await #expect(throws: SpoolError.self) { try await spool.append(.sample(2)) }
            try await spool.append(.sample(3))
            #expect(try Spool.list(directory: directory.path).segments.map(\.records) == [1])
            await spool.close()
            #expect(try await directory.open().drain() == [.sample(3)])
        }
    }

    @Test("a disk that is unmounted under the spool takes no more acknowledgements, and what lies on it comes back")
    func unmounted() async throws {
        try await SpoolDirectory.with { directory in
            try FileManager.default.createDirectory(
                atPath: directory.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            guard mount("tmpfs", directory.path, "tmpfs", 0, "size=1m,mode=700") == 0 else {
                print("SKIPPED, NOT TESTED: an unmounted disk; no tmpfs can be mounted here")
                return
            }
            // A second mount, which keeps the disk.
            let kept = directory.path + "-kept"
            #expect(mkdir(kept, 0o700) == 0)
            #expect(mount(directory.path, kept, "", UInt(MS_BIND), nil) == 0)
            let spool = try directory.open()
            try await spool.append(.sample(1))
            #expect(umount2(directory.path, Int32(MNT_DETACH)) == 0)
            await #expect(throws: SpoolError.self) { try await spool.append(.sample(2)) }
            try await spool.append(.sample(3))
            #expect(try directory.segments().count == 1)
            #expect(try await spool.drain() == [.sample(3)])
            #expect(spool.state.records == 1)
            #expect(mount(kept, directory.path, "", UInt(MS_BIND), nil) == 0)
            #expect(try await spool.drain(1) == [.sample(1)])
            #expect(spool.state.records == 0)
            await spool.close()
            #expect(umount2(directory.path, Int32(MNT_DETACH)) == 0 && umount2(kept, Int32(MNT_DETACH)) == 0)
        }
    }

    // MARK: Files that others put into the folder

    @Test("a segment put under the next number is drained, and appends go on beside it")
    func nextNumberTaken() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            let rescued = try directory.bytes(Self.first)
            #expect(try await spool.drain() == [.sample(1)])
            for number in 2...4 { try directory.write(rescued, to: "000000000000000\(number).spool") }
            for number in 2...3 { try await spool.append(.sample(number)) }
            #expect(await spool.check())
            #expect(Set(try await spool.drain(5)) == Set(SpooledRecord.samples(3)))
            try await spool.append(.sample(4))
            #expect(try await spool.drain() == [.sample(4)])
            #expect(try directory.segments().isEmpty)
        }
    }

    @Test("a segment put under the highest number stops nothing, nor the next start")
    func highestNumberTaken() async throws {
        try await SpoolDirectory.with { directory in
            let name = "9999999999999999.spool"
            let first = try directory.open()
            try directory.write(try SpooledRecord.sample(1).encoded(), to: name)
            try await first.append(.sample(2))
            await first.close()
            let second = try directory.open()
            try await second.append(.sample(3))
            #expect(await second.check())
            #expect(Set(try await second.drain()) == Set(SpooledRecord.samples(3)))
            await second.close()
        }
    }

    @Test("a file that is still being copied is left alone until it is whole")
    func halfCopied() async throws {
        try await SpoolDirectory.with { directory in
            var segments = try Segments(SpoolFolder(path: directory.path), segmentSize: 1 << 20)
            let bytes = try SpooledRecord.samples(2).flatMap { record throws(SpoolError) in try record.encoded() }
            let start = ContinuousClock.now
            try directory.write(Array(bytes.dropLast(10)), to: Self.first)
            for second in [0, 2, 3, 4, 59] {
                #expect(try segments.oldest(at: start + .seconds(second)) == nil)
                #expect(try directory.bytes(Self.first).count == bytes.count - 10)
            }
            try directory.write(bytes, to: Self.first)
            #expect(try segments.oldest(at: start + .seconds(60)) == nil)
            #expect(try segments.oldest(at: start + .seconds(62)) == nil)
            let segment = try #require(try segments.oldest(at: start + .seconds(63)))
            #expect(segment.records == SpooledRecord.samples(2) && segment.damage.isEmpty)
        }
    }

    @Test("what is put there damaged, or cannot be Tollgate's, is set aside once it has not changed for a minute")
    func unknownFiles() async throws {
        try await SpoolDirectory.with { directory in
            var segments = try Segments(SpoolFolder(path: directory.path), segmentSize: 1 << 20)
            let start = ContinuousClock.now
            try directory.write(try SpooledRecord.sample(1).encoded() + [1, 2, 3], to: Self.first)
            let pipe = directory.path + "/0000000000000002.spool"
            #expect(mkfifo(pipe, 0o600) == 0)
            #expect(try segments.oldest(at: start) == nil)
            // Reported before it is set aside.
            let error = SpoolError.foreign(path: pipe, reason: "it is not a regular file")
            #expect(throws: error) { try segments.oldest(at: start + .seconds(3)) }
            #expect(try segments.oldest(at: start + .seconds(4)) == nil)
            let segment = try #require(try segments.oldest(at: start + .seconds(60)))
            #expect(segment.records == [.sample(1)])
            #expect(segment.damage.map(\.bytes) == [3])
            #expect(try directory.files("refused") == ["0000000000000002.unread"])
            try segments.remove(segment.sealed)
            #expect(try segments.oldest(at: start + .seconds(61)) == nil)
        }
    }

    @Test("a segment that somebody adds to after it was read is not removed, but read again")
    func grown() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            let segment = try #require(try await spool.oldest())
            let more = try SpooledRecord.sample(2).encoded()
            try directory.write(try directory.bytes(Self.first) + more, to: Self.first)
            await #expect(throws: SpoolError.unknownSegment(name: segment.name)) { try await spool.remove(segment) }
            #expect(try await spool.drain() == SpooledRecord.samples(2))
        }
    }

    @Test("folders that were removed from the spool's are made again before something is set aside")
    func partsRemoved() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            for part in ["refused", "damaged"] { try directory.remove(part) }
            try directory.write(try directory.bytes(Self.first) + [1], to: Self.first)
            let segment = try #require(try await spool.oldest())
            #expect(segment.setAside == 1)
            try await spool.setAside(.sample(1), reason: "no")
            #expect(try directory.mode("refused") == 0o700)
        }
    }

    // MARK: The lock

    @Test("once its lock is removed and another process is in, a spool acknowledges, drains and removes nothing")
    func lockRemoved() async throws {
        try await SpoolDirectory.with { directory in
            let first = try directory.open()
            try await first.append(.sample(1))
            let handedOut = try #require(try await first.oldest())
            try await first.append(.sample(2))
            try directory.remove("lock")
            let second = try directory.open()
            await #expect(throws: SpoolError.self) { try await first.append(.sample(3)) }
            await #expect(throws: SpoolError.inUse(directory: directory.path)) { try await first.append(.sample(3)) }
            await #expect(throws: SpoolError.inUse(directory: directory.path)) { try await first.oldest() }
            await #expect(throws: SpoolError.inUse(directory: directory.path)) { try await first.remove(handedOut) }
            #expect(await !first.check())
            #expect(try await second.drain() == SpooledRecord.samples(2))
            try await second.append(.sample(4))
            await second.close()

            // The other process has closed. What it drained is gone, what it left is there.
            #expect(await first.check())
            try await first.append(.sample(5))
            var drained: [SpooledRecord] = []
            let end = ContinuousClock.now + .seconds(60)
            while drained.count < 2, ContinuousClock.now < end {
                do { drained += try await first.drain() } catch SpoolError.cannotRead(_, "it is gone") {}
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(Set(drained) == [.sample(4), .sample(5)])
            #expect(first.state.records == 0)
        }
    }

    @Test("a lock that a tidy-up removed is made again, at the price of one refused append")
    func lockTidiedUp() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            try directory.remove("lock")
            await #expect(throws: SpoolError.self) { try await spool.append(.sample(2)) }
            try await spool.append(.sample(3))
            #expect(throws: SpoolError.inUse(directory: directory.path)) { try directory.open() }
            #expect(try await spool.drain() == [.sample(1), .sample(3)])
            // The same while it is drained.
            try directory.remove("lock")
            #expect(try await spool.oldest() == nil)
            #expect(throws: SpoolError.inUse(directory: directory.path)) { try directory.open() }
        }
    }
}
