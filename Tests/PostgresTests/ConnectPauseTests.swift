// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Postgres

@Suite struct ConnectPauseTests {
    private let failure = PostgresError(sqlState: "08001", message: "refused")

    @Test func `the pause doubles up to a second, and its failure is told meanwhile`() throws {
        var pause = ConnectPause()
        let start = ContinuousClock.now
        try pause.check(at: start)
        for milliseconds in [50, 100, 200, 400, 800, 1000, 1000] {
            pause.extend(after: failure, random: 1, at: start)
            let end = start + .milliseconds(milliseconds)
            #expect(throws: failure) { try pause.check(at: end - .milliseconds(1)) }
            #expect(throws: Never.self) { try pause.check(at: end) }
        }
        pause.reset()
        pause.extend(after: failure, random: 0.5, at: start)
        #expect(throws: failure) { try pause.check(at: start + .milliseconds(24)) }
        #expect(throws: Never.self) { try pause.check(at: start + .milliseconds(25)) }
    }
}
