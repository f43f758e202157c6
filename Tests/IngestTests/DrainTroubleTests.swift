// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Ingest

@Suite struct DrainTroubleTests {
    private let start = ContinuousClock.now

    @Test func `each reason is said once while the trouble lasts, and that it is over`() {
        var trouble = DrainTrouble()
        var said = [trouble.worked()]
        for (reason, second) in [("a", 0), ("a", 3600), ("b", 3600)] {
            said.append(trouble.failed(reason, at: start + .seconds(second)))
        }
        for _ in 0..<2 { said.append(trouble.worked()) }
        #expect(said == [false, true, false, true, true, false])
    }

    @Test func `trouble that comes and goes is said once a minute`() {
        var trouble = DrainTrouble()
        var lines = 0
        for second in 0..<180 {
            lines += trouble.failed("a", at: start + .seconds(second)) ? 1 : 0
            lines += trouble.worked() ? 1 : 0
        }
        #expect(lines == 6)
    }

    @Test func `many reasons at once are said no more than a hundred times a minute`() {
        var trouble = DrainTrouble()
        let said = (0..<1000).count { trouble.failed("\($0)", at: start) }
        #expect(said == 100)
        let isLaterSaid = trouble.failed("another", at: start + .seconds(60))
        #expect(isLaterSaid)
    }
}
