// SPDX-License-Identifier: Apache-2.0

import HTTP
import Logging
import Server
import ServiceLifecycle
import Telemetry

/// Reports the listeners' addresses once they listen: in the log, to systemd, and to whoever started the service.
struct StartupReporter: Service {
    let listeners: App.Listeners
    let manager: ServiceManager
    let logger: Logger
    let bound: App.Bound
    /// Whether the service ends when `bound` does.
    let endsWithIt: Bool

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                let privateAddress = try await listeners.privateListener.boundAddress
                var metadata: Logger.Metadata = ["version": "\(Version.current)", "private": "\(privateAddress)"]
                if let publicListener = listeners.publicListener {
                    let publicAddress = try await publicListener.boundAddress
                    metadata["public"] = "\(publicAddress)"
                    logger.info("ready", metadata: metadata)
                    manager.ready()
                    try await bound(publicAddress, privateAddress)
                } else {
                    metadata["only"] =
                        "worker: events are processed; the private listener has health, metrics and /openapi.json"
                    logger.info("ready", metadata: metadata)
                    manager.ready()
                }
                if !endsWithIt { try await gracefulShutdown() }
                listeners.readiness.stop()
            } catch is CancellationError {
                // Stopped while waiting.
            }
        }
        manager.stopping()
    }
}
