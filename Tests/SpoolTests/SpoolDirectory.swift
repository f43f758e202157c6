// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation

@testable import Spool

/// A spool's directory for one test, which can change the files without the spool.
struct SpoolDirectory: Sendable {
    /// At first neither it nor its parent exists.
    let path: String

    /// - Parameter inMemory: on a RAM disk if there is one, so that thousands of fsyncs cost nothing.
    static func with(inMemory: Bool = false, _ body: (SpoolDirectory) async throws -> Void) async throws {
        let isThere = FileManager.default.isWritableFile(atPath: "/dev/shm")
        let parent = inMemory && isThere ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        let root = parent + "/spool-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(SpoolDirectory(path: root + "/state/spool")))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(atPath: root)
        try result.get()
    }

    func open(limit: Int = 1 << 30, segmentSize: Int = 4 << 20) throws -> Spool {
        try Spool.open(directory: path, limit: limit, segmentSize: segmentSize)
    }

    func files(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }

    func segments() throws -> [String] {
        try files().filter { $0.hasSuffix(".spool") }
    }

    func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: path + "/" + name)))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: path + "/" + name))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + name)
    }

    func move(to place: String) throws {
        try FileManager.default.moveItem(atPath: path, toPath: place)
    }

    func mode(_ name: String = "") throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path + "/" + name)[.posixPermissions] as? Int
    }
}

extension Spool {
    /// Reads and removes all that is there, oldest first.
    func drain() async throws -> [SpooledRecord] {
        var records: [SpooledRecord] = []
        while let segment = try await oldest() {
            records += segment.records
            try await remove(segment)
        }
        return records
    }

    /// Drains until this many have come: a file put into the folder is read only once it no longer changes.
    func drain(_ count: Int) async throws -> [SpooledRecord] {
        var records: [SpooledRecord] = []
        let end = ContinuousClock.now + .seconds(60)
        while records.count < count, ContinuousClock.now < end {
            records += try await drain()
            try await Task.sleep(for: .milliseconds(10))
        }
        return records
    }
}

extension SpooledRecord {
    static func sample(_ number: Int, size: Int = 40, signature: String? = nil) -> SpooledRecord {
        let start = Array("{\"id\":\"evt_\(number)\"".utf8)
        let filling = Array(repeating: UInt8(ascii: " "), count: max(0, size - start.count - 1))
        return SpooledRecord(
            receivedAt: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number)),
            payload: start + filling + [UInt8(ascii: "}")],
            signature: signature)
    }

    static func samples(_ count: Int, size: Int = 40) -> [SpooledRecord] {
        (1...count).map { sample($0, size: size) }
    }
}
