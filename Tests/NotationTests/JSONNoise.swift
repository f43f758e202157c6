// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// Documents that are JSON, nearly JSON, events and nearly events.
struct JSONNoise {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed) }

    mutating func document() -> [UInt8] {
        var bytes = Array((random.one(in: 2) ? event() : value(depth: 0)).utf8)
        if random.one(in: 50) { bytes = [0xEF, 0xBB, 0xBF] + bytes }
        if !random.one(in: 3) { return bytes }
        for _ in 0...random.within(0...2) where !bytes.isEmpty { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = Int.random(in: bytes.indices, using: &random)
        let end = min(bytes.count, place + Int(random.within(1...6)))
        switch random.within(0...5) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] = Array(#"{}[]:,"\0123456789-+.eEtrufalsn/bx "#.utf8).randomElement(using: &random) ?? 0
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.insert(contentsOf: Array(scalar().utf8), at: place)
        default: bytes.removeSubrange(place...)
        }
    }

    private mutating func value(depth: Int) -> String {
        guard depth < 5, !random.one(in: 3) else { return scalar() }
        let count = random.within(0...5)
        if random.one(in: 2) {
            return list((0..<count).map { _ in value(depth: depth + 1) }, "[", "]")
        }
        return list((0..<count).map { _ in member(key(), value(depth: depth + 1)) }, "{", "}")
    }

    private mutating func event() -> String {
        let customer = random.pick("\"cus_1\"", #"{"id":"cus_2","id":"cus_3","name":[{}]}"#, "null", "[\"cus_1\"]", "7")
        let id = random.pick("\"cus_4\"", "\"no id\"", "null", "{}", "\"cus_\\u0034\"")
        let object = [
            member("\"object\"", random.pick("\"customer\"", "\"invoice\"", "null", #""cust\u006fmer""#)),
            member("\"id\"", id), member(random.pick("\"customer\"", "\"customer_account\""), customer),
            member("\"customer\"", scalar()), member("\"lines\"", value(depth: 3)),
        ]
        let data = random.one(in: 8) ? value(depth: 2) : #"{"object":\#(list(shuffled(object), "{", "}"))}"#
        let label = random.pick("\"acct_1\"", "null", "{\"b\":[1.50,\"ü\"],\"a\":{}}", "\"\"", "1e3", "\"a\\nb\"")
        let members = [
            member(random.pick("\"id\"", "\"\\u0069d\""), random.one(in: 9) ? scalar() : "\"evt_1\""),
            member("\"object\"", random.one(in: 9) ? scalar() : random.pick("\"event\"", "\"v2.core.event\"")),
            member("\"type\"", random.one(in: 9) ? value(depth: 3) : "\"invoice.paid\""),
            member("\"created\"", created()), member("\"livemode\"", random.pick("true", "false", "null", "0", "[]")),
            member(random.pick("\"account\"", "\"context\""), label), member("\"api_version\"", label),
            member("\"data\"", data), member(key(), value(depth: 2)),
        ]
        return list(shuffled(members), "{", "}")
    }

    private mutating func created() -> String {
        random.pick(
            "1795478400", "1795478400.0", "17954784e2", "\"2026-11-24T00:00:00.123Z\"", "-1", "1e300", "null",
            "1795478400")
    }

    /// The members in random order; sometimes one is missing, sometimes one occurs twice.
    private mutating func shuffled(_ members: [String]) -> [String] {
        var chosen = members.shuffled(using: &random)
        if random.one(in: 4) { chosen.removeLast() }
        if random.one(in: 4), let again = members.randomElement(using: &random) { chosen.append(again) }
        return chosen
    }

    private mutating func member(_ key: String, _ value: String) -> String {
        "\(space())\(key)\(space()):\(space())\(value)\(space())"
    }

    private mutating func list(_ items: [String], _ open: String, _ close: String) -> String {
        "\(open)\(items.joined(separator: ","))\(space())\(close)"
    }

    private mutating func space() -> String {
        random.one(in: 4) ? random.pick(" ", "\n", "\r\n\t", "  ") : ""
    }

    private mutating func key() -> String {
        random.pick(
            "\"id\"", "\"a\"", "\"b\"", "\"\"", "\"\\u0061\"", "\"é\"", "\"e\u{301}\"", "\"/\"", "\"z\\n\"",
            "\"\\ud83d\\ude00\"", "\"😀\"", "\"\u{E000}\"", "\"customer\"", "\"a much longer key than fifteen bytes\"")
    }

    private mutating func scalar() -> String {
        switch random.within(0...39) {
        case 0:
            random.pick(
                "1e400", "01", "-", "1.", ".5", "NaN", "nul", "truefalse", "\"\\ud83d\"", "\"\\ude00\"", "\"\\x\"",
                "\"\\u12g4\"", "\"\t\"")
        case 1...6: String(Int64(bitPattern: random.next()) >> random.within(0...63))
        case 7...11: String(Double(random.within(-100_000...100_000)) / 64)
        case 12...14: finite(Double(bitPattern: random.next()))
        case 15...24:
            random.pick(
                "0", "-0", "-0.0", "1.0", "1e2", "0.1", "1e21", "5e-324", "1e18", "1E+19", "0e99", "1e-400",
                "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
                "9007199254740993.0", "900719925474099.3e1", "123456789012345678e1")
        default:
            random.pick(
                "null", "true", "false", "\"\"", "\"text\"", "\"\\u0000\"", "\"ü€😀\"", "\"\\uD83D\\uDE00\"",
                "\"a\\\\b\\\"c\\/d\\b\\f\\n\\r\\t\"", "\"\u{7F}\u{2028}\"")
        }
    }

    private func finite(_ value: Double) -> String { value.isFinite ? value.description : "0" }
}
