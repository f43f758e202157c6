// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Store

/// Gives the log of outages the time: for the line of each minute, and for the last one where nobody tries again.
package struct OutageWatch: Service {
    private let outages: Outages

    package init(_ outages: Outages) {
        self.outages = outages
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                outages.tick()
                // Cut short by the shutdown, it is the last.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
