// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore

/// How many connections a listener has at once. Further ones wait unaccepted, and the log says so once a minute.
struct ConnectionLimit: AvailableConnectionsDelegate {
    private let limit: Int
    private let logger: Logger
    private var count = 0
    private var lastLine: NIODeadline?

    init(_ limit: Int, logger: Logger) {
        self.limit = limit
        self.logger = logger
    }

    mutating func connectionOpened() {
        count += 1
        guard count >= limit, lastLine.map({ NIODeadline.now() - $0 > .seconds(60) }) ?? true else { return }
        lastLine = .now()
        logger.warning(
            "all connections are taken: further ones wait",
            metadata: ["limit": "\(limit)", "hint": "the number of open files bounds it too: LimitNOFILE, ulimit -n"])
    }

    mutating func connectionClosed() {
        count -= 1
    }

    func isAcceptingNewConnections() -> Bool {
        count < limit
    }
}
