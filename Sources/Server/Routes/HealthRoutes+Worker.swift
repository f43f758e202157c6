// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird
import Notation
import Store

extension HealthRoutes {
    /// The same for a process that only works: it has nothing to receive, so ready is who processes events.
    func registerForWorker(on routes: some RouterMethods<ListenerContext>) {
        registerLiveness(on: routes)
        routes.get("/readyz") { _, _ in await isWorking() }
        routes.get("/metrics") { _, _ in await exposition() }
    }

    private func isWorking() async -> Response {
        let database = await databaseState()
        let processing: JSON =
            if let trouble = outages.stoppingProcessing {
                ["state": "blocked", "cause": .string(trouble.rawValue)]
            } else if outages.isProcessingStuck {
                ["state": "stuck"]
            } else {
                ["state": "running"]
            }
        let isReady = database["state"] == "up" && processing["state"] == "running" && !readiness.isStopping
        return .document(
            [
                "status": isReady ? "ready" : readiness.isStopping ? "stopping" : "unready",
                "postgresql": .object(database),
                "processing": processing,
            ],
            status: isReady ? .ok : .serviceUnavailable
        )
    }
}
