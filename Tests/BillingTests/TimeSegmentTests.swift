// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Testing

@Suite struct TimeSegmentTests {
    struct Moment: TimeSegment {
        let from: Timestamp
    }

    @Test(arguments: [([], 5, 0), ([5], 4, 0), ([5], 5, 1), ([5, 7, 9], 8, 2), ([5, 7, 9], 9, 3), ([5, 5], 5, 2)])
    func `a segment has begun at the very second it begins`(starts: [Int64], now: Int64, begun: Int) {
        let segments = starts.map { Moment(from: Timestamp(seconds: $0)) }
        #expect(segments.begun(by: Timestamp(seconds: now)) == begun)
    }
}
