// SPDX-License-Identifier: Apache-2.0

import HTTP
import Logging
import Store
import Telemetry

/// The private listener of a process that only works: for monitoring, and for nobody else. It requires no token, and
/// answers none of the routes that do.
package struct WorkerListener: Sendable {
    package let listener: Listener
    package let readiness: Readiness

    package init(
        address: ListenerAddress,
        limits: ListenerLimits = ListenerLimits(),
        health: HealthStore,
        queue: EventQueue,
        customers: CustomerStore,
        outages: Outages,
        reconciled: [String]? = nil,
        metrics: PrometheusRegistry,
        logger: Logger
    ) {
        let readiness = Readiness()
        self.readiness = readiness
        let routes = RouteTable(listener: "private", metrics: metrics)
        HealthRoutes(
            health: health, queue: queue, customers: customers, outages: outages, spool: nil, readiness: readiness,
            metrics: metrics, reconciled: reconciled
        ).registerForWorker(on: routes)
        listener = Listener(name: "private", address: address, routes: routes, limits: limits, logger: logger)
    }
}
