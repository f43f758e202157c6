// SPDX-License-Identifier: Apache-2.0

import Notation
import Spool
import Testing

/// How segments leave the spool: sealed, read, and removed or set aside.
@Suite struct DrainTests {
    @Test("the oldest segment stays the oldest until it is removed, and takes no more appends")
    func oldest() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            #expect(try await spool.oldest() == nil)
            try await spool.append(.sample(1))
            let segment = try #require(try await spool.oldest())
            try await spool.append(.sample(2))
            #expect(try await spool.oldest() == segment)
            #expect(segment.records == [.sample(1)])
            #expect(segment.name == "0000000000000001.spool")
            #expect(segment.setAside == 0)
            #expect(spool.state.oldestReceivedAt == SpooledRecord.sample(1).receivedAt)
            try await spool.remove(segment)
            #expect(spool.state.oldestReceivedAt == SpooledRecord.sample(2).receivedAt)
            #expect(try await spool.oldest()?.records == [.sample(2)])
        }
    }

    @Test("a crash between sealing and removing gives the records again")
    func crash() async throws {
        try await SpoolDirectory.with { directory in
            let first = try directory.open()
            try await first.append(.sample(1))
            #expect(try await first.oldest()?.records == [.sample(1)])
            await first.close()
            #expect(try await directory.open().drain() == [.sample(1)])
        }
    }

    @Test("a segment is removed once, and only in the state in which it was read")
    func removal() async throws {
        try await SpoolDirectory.with { directory in
            let first = try directory.open()
            try await first.append(.sample(1))
            let segment = try #require(try await first.oldest())
            try await first.remove(segment)
            await #expect(throws: SpoolError.unknownSegment(name: segment.name)) { try await first.remove(segment) }
            await first.close()
            // An empty spool counts from 1 again: the old segment must not remove another spool's with the same name.
            let second = try directory.open()
            try await second.append(.sample(2))
            #expect(try await second.oldest()?.name == segment.name)
            await #expect(throws: SpoolError.unknownSegment(name: segment.name)) { try await second.remove(segment) }
            #expect(try await second.drain() == [.sample(2)])
        }
    }

    @Test("a refused record is kept byte for byte, with the reason beside it")
    func setAside() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            let record = SpooledRecord(receivedAt: Timestamp(seconds: 1_700_000_000), payload: Array("{}".utf8))
            for reason in ["first", "PostgreSQL 22021: invalid byte"] {
                try await spool.setAside(record, reason: reason)
            }
            let name = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
            #expect(try directory.files("refused") == ["\(name).json", "\(name).reason"])
            #expect(try directory.bytes("refused/\(name).json") == record.payload)
            let reason = "received 2023-11-14T22:13:20Z\nPostgreSQL 22021: invalid byte\n"
            #expect(try String(decoding: directory.bytes("refused/\(name).reason"), as: UTF8.self) == reason)
        }
    }

    @Test("the spool can be listed while it is open")
    func list() async throws {
        try await SpoolDirectory.with { directory in
            #expect(throws: SpoolError.self) { try Spool.list(directory: directory.path) }
            let spool = try directory.open(segmentSize: 300)
            for record in SpooledRecord.samples(3) { try await spool.append(record) }
            try await spool.setAside(.sample(9), reason: "no")
            try directory.write([1, 2, 3], to: "damaged/0000000000000001-0.bin")
            try directory.write(try directory.bytes("0000000000000002.spool") + [1], to: "0000000000000002.spool")
            let inventory = try Spool.list(directory: directory.path)
            #expect(inventory.damaged == 1)
            #expect(inventory.refused == 1)
            #expect(inventory.segments.map(\.name) == ["0000000000000001.spool", "0000000000000002.spool"])
            #expect(inventory.segments.map(\.records) == [2, 1])
            #expect(inventory.segments.map(\.bytes) == [248, 125])
            #expect(inventory.segments.map(\.damagedBytes) == [0, 1])
            let times = [1, 2, 3].map { SpooledRecord.sample($0).receivedAt }
            #expect(inventory.segments.map(\.firstReceivedAt) == [times[0], times[2]])
            #expect(inventory.segments.map(\.lastReceivedAt) == [times[1], times[2]])
            await spool.close()
        }
    }

    @Test("a segment that somebody deletes is reported once and does not hold up the others")
    func deletedSegment() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 130)
            for record in SpooledRecord.samples(2) { try await spool.append(record) }
            try directory.remove("0000000000000001.spool")
            let path = directory.path + "/0000000000000001.spool"
            await #expect(throws: SpoolError.cannotRead(path: path, reason: "it is gone")) { try await spool.oldest() }
            #expect(spool.state.records == 1)
            #expect(try await spool.drain() == [.sample(2)])
        }
    }

    @Test("an append to a segment that somebody deletes is not acknowledged, the next one is kept")
    func deletedActiveSegment() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            try directory.remove("0000000000000001.spool")
            let path = directory.path + "/0000000000000001.spool"
            await #expect(throws: SpoolError.cannotWrite(path: path, reason: "the file was deleted")) {
                try await spool.append(.sample(2))
            }
            try await spool.append(.sample(3))
            await spool.close()
            #expect(try await directory.open().drain() == [.sample(3)])
        }
    }
}
