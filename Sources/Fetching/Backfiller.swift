// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store
import StripeAPI
import Timing

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
            var backoff = Backoff()
            var run = self.run
            while !Task.isCancelled {
                do {
                    let turn = try await run.advance()
                    outages.worked(.fetching)
                    backoff.reset()
                    switch turn {
                    case .idle: try await Task.sleep(for: Self.interval)
                    case .worked: break
                    case .waits(let pause, _): try await Task.sleep(for: pause)
                    case .failed(let id, let error):
                        logger.error("backfill failed", metadata: ["backfill": "\(id)", "error": "\(error)"])
                    }
                } catch is CancellationError {
                    break
                } catch {
                    outages.failed(.fetching, error)
                    await backoff.next()
                }
            }
        }
    }
}
