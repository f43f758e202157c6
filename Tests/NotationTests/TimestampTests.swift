// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Notation

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999Z"), (1, "1970-01-01T00:00:00.000001Z"),
        (951_782_399_000_000, "2000-02-28T23:59:59Z"), (951_782_400_000_000, "2000-02-29T00:00:00Z"),
        (951_868_800_000_000, "2000-03-01T00:00:00Z"), (4_107_542_399_500_000, "2100-02-28T23:59:59.500000Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00Z"), (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (-62_135_596_800_000_001, "0000-12-31T23:59:59.999999Z"),
        (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999Z"),
        (253_402_300_800_000_000, "10000-01-01T00:00:00Z"), (Int64.max, "294247-01-10T04:00:54.775807Z"),
        (Int64.min, "-290308-12-21T19:59:05.224192Z"),
    ])
    func `a time reads as RFC 3339, also before 1970`(_ microseconds: Int64, _ expected: String) {
        let timestamp = Timestamp(microseconds: microseconds)
        #expect(timestamp.description == expected)
        #expect(timestamp.description.utf8.count <= Timestamp.longestDescription)
    }

    /// From the first day of the Gregorian calendar: before it, Foundation uses the Julian one.
    private static let gregorian: ClosedRange<Int64> = -12_219_292_800...253_402_300_799

    @Test func `it is what Foundation says`() {
        var random = SeededRandom(1)
        for _ in 0..<20_000 {
            expectFoundations(random.within(Self.gregorian))
            expectFoundations(random.within(0...Timestamp.range.upperBound.seconds))
        }
        // Every day of 400 years, after which the calendar repeats.
        for day in Int64(0)..<146_097 { expectFoundations(day * 86_400 + 43_200, "noon of a day") }
    }

    private func expectFoundations(_ seconds: Int64, _ comment: Comment? = nil) {
        let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        let actual = Timestamp(seconds: seconds).description
        if actual != expected { #expect(actual == expected, comment) }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
        ("2026-11-26T09:00:00Z", 1_795_683_600_000_000), ("2026-11-26t09:00:00z", 1_795_683_600_000_000),
        ("2026-11-26T09:00:00.5Z", 1_795_683_600_500_000), ("2026-11-26T09:00:00.123456789Z", 1_795_683_600_123_456),
        ("2026-11-26T11:00:00+02:00", 1_795_683_600_000_000), ("2026-11-26T00:30:00-08:30", 1_795_683_600_000_000),
        ("2026-11-27T08:59:00+23:59", 1_795_683_600_000_000), ("1969-12-31T23:59:59.999999Z", -1),
        ("0000-03-01T00:00:00Z", -62_162_035_200_000_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000), ("2026-11-26T09:00:00-00:00", 1_795_683_600_000_000),
    ])
    func `RFC 3339 is read`(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        // Dates and times that do not exist are not normalised to ones that do.
        "2027-02-30T00:00:00Z", "2027-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2027-04-31T00:00:00Z",
        "2027-00-01T00:00:00Z", "2027-13-01T00:00:00Z", "2027-01-00T00:00:00Z", "2027-01-32T00:00:00Z",
        "2027-01-01T24:00:00Z", "2027-01-01T25:00:00Z", "2027-01-01T00:60:00Z", "2027-01-01T00:00:60Z",
        "2016-12-31T23:59:60Z", "2027-01-01T00:00:00+24:00", "2027-01-01T00:00:00+01:60",
        // Other forms.
        "", "Z", "2027-01-01", "2027-01-01T00:00Z", "2027-01-01T00:00:00", "2027-01-01 00:00:00Z",
        "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00,5Z", "2027-01-01T00:00:00+0200", "2027-01-01T00:00:00+02",
        "2027-01-01T00:00:00Z ", " 2027-01-01T00:00:00Z", "2027-1-1T0:0:0Z", "20270101T000000Z", "27-01-01T00:00:00Z",
        "+2027-01-01T00:00:00Z", "-2027-01-01T00:00:00Z", "12027-01-01T00:00:00Z", "2027-01-01T00:00:00ZZ",
        "2027-01-01T00:00:00.5", "２027-01-01T00:00:00Z", "2027-01-01T00:00:00Z\u{0}", "tomorrow",
    ])
    func `what is no time is not read as another`(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `with a fraction it is read back as it was`() {
        var random = SeededRandom(2)
        for _ in 0..<5_000 {
            let whole = Timestamp(seconds: random.within(Self.gregorian))
            let fraction = random.within(1...999_999)
            let timestamp = Timestamp(microseconds: whole.microseconds + fraction)
            #expect(
                timestamp.description == "\(whole.description.dropLast()).\(String(fraction + 1_000_000).dropFirst())Z")
            if Timestamp.range.contains(timestamp) {
                #expect(Timestamp(rfc3339: timestamp.description) == timestamp)
            }
        }
    }
}
