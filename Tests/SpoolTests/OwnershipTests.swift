// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import Spool

/// Files in the folder become events, so no other user may put any there.
@Suite struct OwnershipTests {
    private static let nobody: uid_t = 65534

    @Test("a folder that everybody may write to is refused, and nothing in it is touched", arguments: ["", "/refused"])
    func openToAll(_ part: String) async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            await spool.close()
            #expect(chmod(directory.path + part, 0o777) == 0)
            let error = #expect(throws: SpoolError.self) { try directory.open() }
            #expect(error == .unsafe(path: directory.path + part, reason: "everybody may write to it"))
            #expect(error.map { "\($0)".contains("chmod 700") } == true)
            #expect(try directory.segments().count == 1)
            #expect(chmod(directory.path + part, 0o700) == 0)
            #expect(try await directory.open().drain() == [.sample(1)])
        }
    }

    @Test("a folder that was given to a group is taken back")
    func openToGroup() async throws {
        try await SpoolDirectory.with { directory in
            await (try directory.open()).close()
            for part in ["", "/damaged", "/refused"] { #expect(chmod(directory.path + part, 0o2775) == 0) }
            await (try directory.open()).close()
            for part in ["", "/damaged", "/refused"] { #expect(try directory.mode(part) == 0o700) }
        }
    }

    @Test("a folder or a lock of somebody else's is refused")
    func othersFolder() async throws {
        try await SpoolDirectory.with { directory in
            await (try directory.open()).close()
            for part in ["", "/damaged", "/refused", "/lock"] {
                guard chown(directory.path + part, Self.nobody, Self.nobody) == 0 else {
                    print("SKIPPED, NOT TESTED: a spool folder of another user; only root can make one")
                    return
                }
                let error = #expect(throws: SpoolError.self) { try directory.open() }
                guard case .unsafe(directory.path + part, let reason)? = error else {
                    Issue.record("\(part): \(String(describing: error))")
                    return
                }
                #expect(reason.contains("belongs to user 65534"))
                #expect(chown(directory.path + part, geteuid(), getegid()) == 0)
            }
            await (try directory.open()).close()
        }
    }

    @Test("a link in the place of a folder or a pipe in that of the lock is refused, and nothing waits for it")
    func links() async throws {
        try await SpoolDirectory.with { directory in
            await (try directory.open()).close()
            try directory.remove("damaged")
            try FileManager.default.createSymbolicLink(
                atPath: directory.path + "/damaged", withDestinationPath: directory.path)
            #expect(
                throws: SpoolError.unsafe(path: directory.path + "/damaged", reason: "it is not a folder of its own")
            ) { try directory.open() }
            try directory.remove("damaged")
            try directory.remove("lock")
            #expect(mkfifo(directory.path + "/lock", 0o600) == 0)
            #expect(throws: SpoolError.unsafe(path: directory.path + "/lock", reason: "it is not a regular file")) {
                try directory.open()
            }
        }
    }

    /// Makes something that is not Tollgate's segment under a segment's name.
    enum Strange: String, CaseIterable {
        case pipe, link, folder, giant, openToAll, others

        /// - Returns: whether it could be made here.
        func make(_ path: String, _ content: [UInt8]) throws -> Bool {
            switch self {
            case .pipe: return mkfifo(path, 0o600) == 0
            case .folder: return mkdir(path, 0o700) == 0
            case .link: return symlink("/dev/zero", path) == 0
            case .giant, .openToAll, .others:
                guard FileManager.default.createFile(atPath: path, contents: Data(content)) else { return false }
                switch self {
                case .giant: return truncate(path, 3 << 30) == 0
                case .openToAll: return chmod(path, 0o666) == 0
                default: return chown(path, OwnershipTests.nobody, OwnershipTests.nobody) == 0
                }
            }
        }
    }

    @Test(
        "what cannot be Tollgate's is set aside unread, and holds up neither the start nor the others",
        arguments: Strange.allCases)
    func strange(_ kind: Strange) async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 130)
            for record in SpooledRecord.samples(2) { try await spool.append(record) }
            await spool.close()
            let names = ["0000000000000000.spool", "0000000000000007.spool"]
            for name in names {
                guard try kind.make(directory.path + "/" + name, SpooledRecord.sample(9).encoded()) else {
                    print("SKIPPED, NOT TESTED: \(kind) in the spool's folder cannot be made here")
                    return
                }
            }
            let inventory = try Spool.list(directory: directory.path)
            #expect(inventory.foreign.map(\.path) == names.map { directory.path + "/" + $0 })
            #expect(inventory.segments.count == 2)

            let again = try directory.open()
            #expect(again.recovery.foreign.map(\.path) == names.map { directory.path + "/" + $0 })
            #expect(again.recovery.foreign.map(\.movedTo) == names.map { "refused/\($0.prefix(16)).unread" })
            #expect(again.recovery.records == 2)
            #expect(try await again.drain() == SpooledRecord.samples(2))
            await again.close()
            #expect(try directory.files("refused") == names.map { "\($0.prefix(16)).unread" })

            // Once more under the same name: the first is not overwritten.
            #expect(try kind.make(directory.path + "/" + names[0], []))
            let third = try directory.open()
            #expect(third.recovery.foreign.map(\.movedTo) == ["refused/0000000000000000-2.unread"])
            await third.close()
            for name in try directory.files("refused") { try directory.remove("refused/" + name) }
        }
    }

    @Test("a pipe put in a segment's place while the spool runs is said once, and the next one has its turn")
    func strangeWhileRunning() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 130)
            for record in SpooledRecord.samples(2) { try await spool.append(record) }
            try directory.remove("0000000000000001.spool")
            let path = directory.path + "/0000000000000001.spool"
            #expect(mkfifo(path, 0o600) == 0)
            await #expect(throws: SpoolError.foreign(path: path, reason: "it is not a regular file")) {
                try await spool.oldest()
            }
            #expect(try await spool.drain() == [.sample(2)])
            await spool.close()
        }
    }

    @Test("a record that was set aside is given back with its time, and only as what its name says")
    func refused() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.setAside(.sample(1, signature: "t=1,v1=ab"), reason: "no\nsecret")
            let name = try #require(try await spool.refused().first)
            let record = try #require(try await spool.refusedRecord(name))
            #expect(record.payload == SpooledRecord.sample(1).payload)
            #expect(record.receivedAt == SpooledRecord.sample(1).receivedAt)
            try directory.remove("refused/\(name).reason")
            #expect(try #require(try await spool.refusedRecord(name)).receivedAt == nil)
            try directory.write([1], to: "refused/\(name).json")
            #expect(try await spool.refusedRecord(name) == nil)
            await spool.close()
            let again = try directory.open()
            #expect(again.recovery.refused == 1)
            try await again.removeRefused(name)
            #expect(try await again.refused().isEmpty)
            #expect(try await again.refusedRecord(name) == nil)
            await again.close()
        }
    }
}
