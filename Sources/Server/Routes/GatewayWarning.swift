// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Notation
import Synchronization
import Timing

/// Says in the log that a gateway shows no token that is known: its clients get 503 for it. Once a minute, for it may be
/// every request.
final class GatewayWarning: Sendable {
    private let logger: Logger
    private let limit = Mutex(RateLimit(one: .seconds(60)))

    init(logger: Logger) {
        self.logger = logger
    }

    func warn(of address: SocketAddress?, at now: Timestamp) {
        guard let heldBack = limit.withLock({ $0.admit(at: now) }) else { return }
        logger.warning(
            "a gateway asks without a known token, and gets 503: set its Tollgate-Gateway-Token to TOLLGATE_GATEWAY_TOKEN",
            metadata: [
                "from": "\(address?.ipAddress ?? "unknown")", "path": "/v1/authorize",
                "like_it_since_the_last_line": "\(heldBack)",
            ])
    }
}
