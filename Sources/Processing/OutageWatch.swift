// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Store

/// Drives the log of outages: it prints a line each minute, and the last one even if nobody tries again.
package struct OutageWatch: Service {
    private let outages: Outages

    package init(_ outages: Outages) {
        self.outages = outages
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                outages.tick()
                // The shutdown cuts this short, and it is the last round.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
