// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Spool

/// After a crash or a disk fault, every intact record of a segment stays, and every other byte is set aside.
@Suite struct DamageTests {
    static let records = SpooledRecord.samples(3)
    static let recordSize = 124
    /// Records without a signature, as an older version wrote them, and with one.
    static let forms = [records, (1...3).map { SpooledRecord.sample($0, signature: "t=1,v1=ab") }]
    static let segment = "0000000000000001.spool"

    static func encoded(_ records: [SpooledRecord]) throws -> [UInt8] {
        try records.flatMap { record throws(SpoolError) in try record.encoded() }
    }

    /// A directory as a crashed process leaves it, with these bytes as its only segment.
    private func withCrashed(_ bytes: [UInt8], _ body: (SpoolDirectory) async throws -> Void) async throws {
        try await SpoolDirectory.with(inMemory: true) { directory in
            await (try directory.open()).close()
            try directory.write(bytes, to: Self.segment)
            try await body(directory)
        }
    }

    /// Opens the spool, twice, and checks that it holds these records and that no byte is unaccounted for.
    private func check(_ bytes: [UInt8], gives expected: [SpooledRecord], _ what: Comment) async throws {
        try await withCrashed(bytes) { directory in
            let first = try directory.open()
            let recovery = first.recovery
            #expect(recovery.records == expected.count, what)
            #expect(recovery.postponed.isEmpty, what)
            let size = expected.reduce(0) { $0 + $1.encodedCount }
            #expect(size + recovery.setAside == bytes.count, what)
            #expect(first.state.bytes == size, what)
            for damage in recovery.damage {
                let kept = try directory.bytes(damage.file)
                #expect(kept.count == damage.bytes, what)
                #expect(bytes.firstRange(of: kept) != nil, what)
            }
            let valid = try directory.segments().flatMap { try directory.bytes($0) }
            #expect(valid == (try Self.encoded(expected)), what)
            await first.close()

            let second = try directory.open()
            #expect(second.recovery.damage.isEmpty, what)
            #expect(second.recovery.records == expected.count, what)
            #expect(try directory.files("damaged").count == recovery.damage.count, what)
            #expect(try await second.drain() == expected, what)
            await second.close()
        }
    }

    @Test("a segment cut at any byte keeps every whole record and sets the rest aside", arguments: forms)
    func truncation(_ records: [SpooledRecord]) async throws {
        let bytes = try Self.encoded(records)
        let recordSize = records[0].encodedCount
        #expect(bytes.count == 3 * recordSize)
        for length in 0...bytes.count {
            let whole = Array(records.prefix(length / recordSize))
            try await check(Array(bytes[..<length]), gives: whole, "cut at \(length)")
        }
    }

    @Test(
        "a segment with any one bit changed keeps every other record and sets the damaged one aside", arguments: forms)
    func bitFlips(_ records: [SpooledRecord]) async throws {
        let bytes = try Self.encoded(records)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var untouched = records
            untouched.remove(at: bit / 8 / records[0].encodedCount)
            try await check(changed, gives: untouched, "bit \(bit % 8) of byte \(bit / 8)")
        }
    }

    @Test("rubbish before, between and after records is set aside, each piece by itself")
    func rubbish() async throws {
        let one = try Self.records.map { record throws(SpoolError) in try record.encoded() }
        let rubbish = Array(repeating: UInt8(0), count: 4096)
        let bytes =
            rubbish + one[0] + SpooledRecord.magic + SpooledRecord.unsignedMagic + one[1] + one[2] + one[2].dropLast()
        try await check(bytes, gives: Self.records, "rubbish")
    }

    @Test("a payload that looks like a record is never taken for one while the record around it is whole")
    func nested() async throws {
        let inner = try SpooledRecord.sample(7).encoded()
        let outer = SpooledRecord(receivedAt: SpooledRecord.sample(8).receivedAt, payload: inner)
        try await withCrashed(try outer.encoded()) { directory in
            let drained = try await directory.open().drain()
            #expect(drained == [outer])
        }
    }

    @Test("a recovery that is killed in the middle ends the same when it is repeated")
    func repeated() async throws {
        let bytes = try Array(Self.encoded(Self.records).dropLast())
        try await withCrashed(bytes) { directory in
            await (try directory.open()).close()
            let result = (try directory.bytes(Self.segment), try directory.files("damaged"))
            // As if killed before the rename: the damage is already set aside, the segment unchanged.
            try directory.write(bytes, to: Self.segment)
            for incomplete in [Self.segment + ".tmp", "damaged/x.bin.tmp", "refused/x.json.tmp", "probe.tmp"] {
                try directory.write([1], to: incomplete)
            }
            let again = try directory.open()
            #expect(again.recovery.damage.map(\.file) == result.1.map { "damaged/" + $0 })
            #expect(try directory.bytes(Self.segment) == result.0)
            #expect(try directory.files("damaged") == result.1)
            #expect(try directory.files("refused").isEmpty)
            #expect(try directory.files().filter { $0.hasSuffix(".tmp") }.isEmpty)
            await again.close()
        }
    }

    @Test("other damage at the same place makes another file")
    func sameOffset() async throws {
        try await withCrashed([1, 2, 3]) { directory in
            await (try directory.open()).close()
            for rubbish in [[4, 5], [4, 5], [6]] as [[UInt8]] {
                try directory.write(rubbish, to: Self.segment)
                await (try directory.open()).close()
            }
            let files = ["0000000000000001-0-2.bin", "0000000000000001-0-3.bin", "0000000000000001-0.bin"]
            #expect(try directory.files("damaged") == files)
            // The number of a segment that left damage is not used again.
            let spool = try directory.open()
            try await spool.append(.sample(1))
            #expect(try directory.segments() == ["0000000000000002.spool"])
        }
    }

    @Test("a bit that flips while the spool runs is found when the segment is read")
    func flipWhileRunning() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            for record in Self.records { try await spool.append(record) }
            var bytes = try directory.bytes(Self.segment)
            bytes[Self.recordSize + 100] ^= 4
            try directory.write(bytes, to: Self.segment)
            let segment = try #require(try await spool.oldest())
            #expect(segment.records == [Self.records[0], Self.records[2]])
            #expect(segment.setAside == Self.recordSize)
            #expect(segment.damage.map(\.file) == ["damaged/0000000000000001-\(Self.recordSize).bin"])
            #expect(spool.state.records == 2)
            #expect(try await spool.oldest()?.setAside == 0)
            #expect(try await spool.drain() == [Self.records[0], Self.records[2]])
        }
    }

    @Test("a segment with nothing valid left is still handed out once, so that somebody reports it")
    func nothingLeft() async throws {
        try await SpoolDirectory.with { directory in
            let spool = try directory.open()
            try await spool.append(.sample(1))
            try directory.write([1, 2, 3], to: Self.segment)
            let segment = try #require(try await spool.oldest())
            #expect(segment.records.isEmpty)
            #expect(segment.setAside == 3)
            try await spool.remove(segment)
            #expect(try await spool.oldest() == nil)
        }
    }
}
