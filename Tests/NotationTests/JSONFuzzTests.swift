// SPDX-License-Identifier: Apache-2.0

import Stripe
import Testing

@testable import Notation

/// Random documents. One that fails is printed.
@Suite struct JSONFuzzTests {
    @Test(arguments: [UInt64(1), 2])
    func `what is read and what is refused is what Foundation reads and refuses`(_ seed: UInt64) async {
        var noise = JSONNoise(seed: seed)
        var accepted = 0
        for round in 0..<6000 {
            if round % 100 == 0 { await Task.yield() }
            let bytes = noise.document()
            let read = try? JSON(bytes: bytes)
            let oracle = FoundationJSON.decode(bytes)
            if read != nil { accepted += 1 }
            // Foundation truncates or rounds fractions beyond 2^53, depending on the number of digits.
            let isSame =
                (read == oracle && read?.bytes == oracle?.bytes)
                || (bytes.contains(0x2E) && read.map(rounded) == oracle.map(rounded))
            #expect(isSame, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            #expect(((try? JSON.check(bytes)) != nil) == (read != nil))
        }
        #expect(accepted > 500)
    }

    @Test(arguments: [UInt64(3), 4])
    func `an envelope is what the whole event says, and fails as it does`(_ seed: UInt64) async {
        var noise = JSONNoise(seed: seed)
        var accepted = 0
        for round in 0..<8000 {
            if round % 100 == 0 { await Task.yield() }
            let bytes = noise.document()
            let event = Result { () throws(Event.DecodingFailure) in try Event(payload: bytes).envelope }
            let envelope = Result { () throws(Event.DecodingFailure) in try Event.Envelope(payload: bytes) }
            if case .success = envelope { accepted += 1 }
            #expect(envelope == event, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        #expect(accepted > 500)
    }

    @Test(arguments: [UInt64(5), 6])
    func `what is written reads as the same value, and is what Foundation writes`(_ seed: UInt64) async throws {
        var noise = JSONNoise(seed: seed)
        for round in 0..<4000 {
            if round % 100 == 0 { await Task.yield() }
            guard let value = try? JSON(bytes: noise.document()) else { continue }
            let written = value.bytes
            let text = String(decoding: written, as: UTF8.self)
            #expect(written == (try FoundationJSON.encode(value)), "\(text)")
            #expect(Array(value.indented.utf8) == (try FoundationJSON.encode(value, indented: true)), "\(text)")
            #expect(try JSON(bytes: written) == value, "\(text)")
        }
    }

    private func rounded(_ value: JSON) -> JSON {
        switch value {
        case .integer(let value): .number(Double(value))
        case .array(let elements): .array(elements.map(rounded))
        case .object(let members): .object(members.mapValues(rounded))
        default: value
        }
    }
}
