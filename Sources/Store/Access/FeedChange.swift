// SPDX-License-Identifier: Apache-2.0

import Notation

/// That a customer's answer or credits have changed, with the whole answer as it was when it was read.
package struct FeedChange: Sendable, Hashable {
    package let answer: AccessAnswer
    package let position: FeedPosition
    /// When the change was written; for an answer that began by time alone since then, when it began.
    package let at: Timestamp

    package init(answer: AccessAnswer, position: FeedPosition, at: Timestamp) {
        self.answer = answer
        self.position = position
        self.at = at
    }
}
