// SPDX-License-Identifier: Apache-2.0

import Logging
import Notation
import Stripe
import Synchronization
import Telemetry
import Timing

/// Logs why webhooks are refused, once a minute for each reason: as nothing is stored, a counter alone leaves no trace.
final class RefusalLog: Sendable {
    private static let interval: Duration = .seconds(60)

    private let logger: Logger
    /// By the reason's code; there are four.
    private let limits = Mutex<[String: RateLimit]>([:])

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - claimed: when the request claims that it was signed.
    ///   - sender: the IP address of the sender, or of a proxy.
    func refused(_ error: SignatureError, claimed: Timestamp?, from sender: String?, at now: Timestamp) {
        let heldBack = limits.withLock { limits in
            limits[error.code, default: RateLimit(one: Self.interval)].admit(at: now)
        }
        guard let heldBack else { return }
        var metadata: Logger.Metadata = ["reason": "\(error.code)", "hint": "\(error)"]
        // Behind a proxy, Tollgate sees only the proxy's address.
        if let sender { metadata["from"] = "\(sender), or through a proxy there" }
        if let claimed {
            let (age, overflow) = now.seconds.subtractingReportingOverflow(claimed.seconds)
            if !overflow {
                metadata["time"] = "\(age.magnitude) s \(age < 0 ? "ahead of" : "behind") this server's clock"
            }
        }
        if heldBack > 0 { metadata["like_it_since_the_last_line"] = "\(heldBack)" }
        logger.warning("a webhook was refused, and nothing of it is stored", metadata: metadata)
    }
}
