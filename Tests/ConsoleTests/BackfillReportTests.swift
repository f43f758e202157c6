// SPDX-License-Identifier: Apache-2.0

import API
import Notation
import Testing

@testable import Console

@Suite struct BackfillReportTests {
    private func backfill() throws -> Object<BackfillsAPI.Backfill> {
        try Filled.object(
            BackfillsAPI.Backfill.self,
            ["id": "bkf_1", "status": "running", "dry_run": false, "listed": 1200, "stored": 30, "known": 1170])
    }

    @Test func `a backfill of this process has a bar, and one of another its id`() throws {
        let own = BackfillReport.progress(try backfill(), account: "acct_1", share: 0.5)
        #expect(own == "[###############---------------]  50%  acct_1  1200 listed, 30 taken in")
        let other = BackfillReport.progress(try backfill(), account: nil, share: nil)
        #expect(other == "bkf_1  1200 listed, 30 taken in")
    }
}
