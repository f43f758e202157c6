// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@Suite struct UTCMonthTests {
    @Test(arguments: [
        ("2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "November 2026"),
        ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "December 2026"),
        ("2028-02", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z", "February 2028"),
        ("2100-02", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z", "February 2100"),
        ("1969-12", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z", "December 1969"),
    ])
    func `a month has its first instant, and that of the next one`(
        _ text: String, _ start: String, _ end: String, _ name: String
    ) throws {
        let month = try #require(UTCMonth(text))
        #expect("\(month.start)" == start && "\(month.end)" == end)
        #expect(month.name == name && "\(month)" == text)
    }

    @Test(arguments: [
        ("2026-11-01T00:00:00Z", "2026-11", "2026-11-01T00:00:00Z"),
        ("2026-10-31T23:59:59.999999Z", "2026-10", "2026-10-31T00:00:00Z"),
        ("2026-11-01T00:30:00+01:00", "2026-10", "2026-10-31T00:00:00Z"),
        ("2028-02-29T12:00:00Z", "2028-02", "2028-02-29T00:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12", "1969-12-31T00:00:00Z"),
    ])
    func `an instant is in one month and on one day, those of UTC`(_ text: String, _ month: String, _ day: String)
        throws
    {
        let time = try #require(Timestamp(rfc3339: text))
        #expect("\(UTCMonth(containing: time))" == month)
        #expect("\(time.startOfDay)" == day)
        #expect("\(time.startOfMonth)" == "\(month)-01T00:00:00Z")
    }

    @Test(arguments: [
        "", "2026", "2026-13", "2026-00", "2026-1", "2026-11-01", "26-11", "2026/11", "november", "2026-1١",
    ])
    func `what is no month is refused`(_ text: String) {
        #expect(UTCMonth(text) == nil)
    }
}
