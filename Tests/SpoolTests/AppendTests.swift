// SPDX-License-Identifier: Apache-2.0

import Notation
import Spool
import Testing

/// What is appended comes out unchanged and in order, whatever happens in between.
@Suite struct AppendTests {
    @Test("records come back in order, also after the spool is opened again")
    func order() async throws {
        try await SpoolDirectory.with { directory in
            let records = SpooledRecord.samples(20)
            let first = try directory.open()
            for record in records.prefix(10) { try await first.append(record) }
            #expect(first.state.records == 10)
            await first.close()

            let second = try directory.open()
            #expect(second.recovery.records == 10)
            #expect(second.recovery.damage.isEmpty && second.recovery.postponed.isEmpty)
            for record in records.dropFirst(10) { try await second.append(record) }
            #expect(second.state.records == 20)
            #expect(second.state.oldestReceivedAt == records[0].receivedAt)
            #expect(try await second.drain() == records)
            #expect(second.state.records == 0 && second.state.bytes == 0 && second.state.oldestReceivedAt == nil)
            #expect(try directory.segments().isEmpty)
        }
    }

    @Test(
        "a payload of any bytes comes back as it was",
        arguments: [
            [], [0], Array(0...255), [0xFF] + Array("SPOOL1".utf8) + [0xFE],
            Array(repeating: UInt8(7), count: SpooledRecord.payloadLimit),
        ])
    func anyBytes(_ payload: [UInt8]) async throws {
        try await SpoolDirectory.with { directory in
            let records = [nil, "", "t=1,v1=ab", String(repeating: "é", count: 127)].map {
                SpooledRecord(receivedAt: Timestamp(microseconds: -1), payload: payload, signature: $0)
            }
            let spool = try directory.open()
            for record in records { try await spool.append(record) }
            await spool.close()
            #expect(try await directory.open().drain() == records)
        }
    }

    @Test("a payload over 1 MiB is refused, and nothing else with it")
    func tooLarge() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            let payload = Array(repeating: UInt8(7), count: SpooledRecord.payloadLimit + 1)
            await #expect(throws: SpoolError.tooLarge(bytes: payload.count)) {
                try await spool.append(SpooledRecord(receivedAt: Timestamp(seconds: 1), payload: payload))
            }
            try await spool.append(.sample(1))
            #expect(try await spool.drain() == [.sample(1)])
        }
    }

    @Test("200 parallel appends are all durable, while one reader drains")
    func parallel() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 4096)
            let records = SpooledRecord.samples(200)
            let drained = try await withThrowingTaskGroup(of: Void.self) { group in
                for record in records { group.addTask { try await spool.append(record) } }
                try await group.next()
                let early = try await spool.oldest()
                for segment in [early].compactMap(\.self) { try await spool.remove(segment) }
                try await group.waitForAll()
                return early?.records ?? []
            }
            #expect(!drained.isEmpty)
            #expect(spool.state.records == 200 - drained.count)
            await spool.close()

            let again = try directory.open()
            #expect(again.recovery.records == 200 - drained.count)
            let rest = try await again.drain()
            #expect(Set(drained + rest) == Set(records))
            #expect(drained.count + rest.count == 200)
        }
    }

    @Test("appends of one task keep their order across segments, and segments keep their size")
    func rotation() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(segmentSize: 500)
            let records = SpooledRecord.samples(12)
            for record in records { try await spool.append(record) }
            // Four records of 124 bytes each.
            #expect(try directory.segments().map { try directory.bytes($0).count } == [496, 496, 496])
            #expect(spool.state.bytes == 3 * 496)
            #expect(try await spool.drain() == records)
        }
    }

    @Test("only its owner may read the spool")
    func modes() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            try await spool.setAside(.sample(1), reason: "no")
            for folder in ["", "damaged", "refused"] { #expect(try directory.mode(folder) == 0o700) }
            for file in try directory.segments() + directory.files("refused").map({ "refused/" + $0 }) + ["lock"] {
                #expect(try directory.mode(file) == 0o600)
            }
        }
    }

    @Test("over its limit the spool is full, and again usable after a removal")
    func full() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(limit: 300)
            try await spool.append(.sample(1))
            try await spool.append(.sample(2))
            #expect(!spool.state.isFull)
            #expect(await spool.check())
            await #expect(throws: SpoolError.full(limit: 300)) { try await spool.append(.sample(3)) }
            #expect(spool.state.isFull)
            #expect(await !spool.check())

            let segment = try #require(try await spool.oldest())
            #expect(segment.records == [.sample(1), .sample(2)])
            try await spool.remove(segment)
            #expect(!spool.state.isFull)
            #expect(await spool.check())
            try await spool.append(.sample(3))
            #expect(try await spool.drain() == [.sample(3)])
        }
    }

    @Test("what is queued counts for the limit: of many parallel appends no more fit than one after the other")
    func fullInParallel() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open(limit: 1240)
            let refused = await withTaskGroup(of: SpoolError?.self) { group in
                for record in SpooledRecord.samples(50) {
                    group.addTask {
                        do throws(SpoolError) {
                            try await spool.append(record)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(refused == Array(repeating: .full(limit: 1240), count: 40))
            #expect(spool.state.bytes == 1240)
        }
    }
}
