// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spool
import Testing

/// A directory has one open spool at a time.
@Suite struct LockTests {
    @Test("a second open is refused while the first lives, and works afterwards")
    func secondOpen() async throws {
        try await SpoolDirectory.with { directory in
            let first = try directory.open()
            #expect(throws: SpoolError.inUse(directory: directory.path)) { try directory.open() }
            try await first.append(.sample(1))
            await first.close()
            let second = try directory.open()
            #expect(try await second.drain() == [.sample(1)])
        }
    }

    @Test("a spool that is let go without being closed leaves its lock")
    func letGo() async throws {
        try await SpoolDirectory.with { directory in
            do {
                let first = try directory.open()
                try await first.append(.sample(1))
            }
            // The spool's queue may hold it a moment longer than its last append.
            while true {
                do {
                    #expect(try await directory.open().drain() == [.sample(1)])
                    break
                } catch SpoolError.inUse { await Task.yield() }
            }
        }
    }

    @Test("closing finishes what is queued; afterwards everything is refused and closing again does nothing")
    func close() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            let kept = await withTaskGroup(of: Bool.self) { group in
                for record in SpooledRecord.samples(100) {
                    group.addTask {
                        do throws(SpoolError) {
                            try await spool.append(record)
                            return true
                        } catch {
                            #expect(error == .closed)
                            return false
                        }
                    }
                }
                let isFirstKept = await group.next() == true
                await spool.close()
                return await group.reduce(into: isFirstKept ? 1 : 0) { $0 += $1 ? 1 : 0 }
            }
            await spool.close()
            await #expect(throws: SpoolError.closed) { try await spool.append(.sample(1)) }
            await #expect(throws: SpoolError.closed) { try await spool.oldest() }
            await #expect(throws: SpoolError.closed) { try await spool.setAside(.sample(1), reason: "") }
            #expect(await !spool.check())
            #expect(try directory.open().recovery.records == kept)
        }
    }

    @Test("a directory that cannot be made or is none is refused with its path")
    func unusable() async throws {
        try await SpoolDirectory.with { directory in
            let file = directory.path + "-file"
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: file, contents: nil))
            for path in [file, file + "/spool", "/proc/spool", ""] {
                let error = #expect(throws: SpoolError.self) { try Spool.open(directory: path, limit: 1 << 20) }
                guard case .cannotOpen(let place, _)? = error else {
                    Issue.record("\(path): \(String(describing: error))")
                    continue
                }
                #expect(place.hasPrefix(path))
            }
        }
    }

    @Test("a link to a directory is followed")
    func link() async throws {
        try await SpoolDirectory.with { directory in
            await (try directory.open()).close()
            try FileManager.default.createSymbolicLink(
                atPath: directory.path + "-link", withDestinationPath: directory.path)
            let spool = try Spool.open(directory: directory.path + "-link", limit: 1 << 20)
            try await spool.append(.sample(1))
            #expect(try directory.segments().count == 1)
            #expect(throws: SpoolError.inUse(directory: directory.path)) { try directory.open() }
            await spool.close()
        }
    }

    @Test("no error says anything but what, where and what to do, in one line")
    func descriptions() {
        let errors: [SpoolError] = [
            .inUse(directory: "/d"), .cannotOpen(path: "/d", reason: "r"), .cannotRead(path: "/d", reason: "r"),
            .displaced(path: "/d"), .cannotWrite(path: "/d", reason: "No space left on device"),
            .unsafe(path: "/d", reason: "r"), .foreign(path: "/d", reason: "r"),
            .cannotWrite(path: "/d", reason: "r"), .full(limit: 1), .tooLarge(bytes: 2), .unknownSegment(name: "n"),
            .closed,
        ]
        for error in errors {
            #expect("\(error)".hasPrefix("spool ") && "\(error)".contains(": ") && !"\(error)".contains("\n"))
        }
    }
}
