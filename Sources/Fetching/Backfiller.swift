// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store
import StripeAPI

/// Does the backfills that operators request. How far one is, is in the database: any process goes on where another
/// stopped.
package struct Backfiller: Service {
    private static let interval: Duration = .seconds(1)

    private let run: BackfillRun
    private let outages: Outages
    private let logger: Logger

    package init(_ run: BackfillRun, outages: Outages, logger: Logger) {
        self.run = run
        self.outages = outages
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var run = self.run
            await FetchingLoop.run(reportingTo: outages) {
                switch try await run.advance() {
                case .idle: return Self.interval
                case .worked: return nil
                case .waits(let pause, _): return pause
                case .failed(let id, let error):
                    logger.error("backfill failed", metadata: ["backfill": "\(id)", "error": "\(error)"])
                    return nil
                }
            }
        }
    }
}
