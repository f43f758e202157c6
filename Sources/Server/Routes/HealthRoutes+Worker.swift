// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import HTTPTypes
import Hummingbird
import Store

extension HealthRoutes {
    /// The same for a process that only works: it receives nothing, so it is ready while it processes events.
    func registerForWorker(on routes: some RouterMethods<ListenerContext>) {
        registerLiveness(on: routes)
        routes.open(HealthAPI.ready) { await isWorking() }
        routes.open(raw: HealthAPI.metrics) { await exposition() }
        ContractRoute.registerOfWorker(on: routes)
    }

    private func isWorking() async -> (Object<HealthAPI.Ready>, HTTPResponse.Status) {
        let database = await databaseState()
        let trouble = outages.stoppingProcessing
        let word: HealthAPI.ProcessingWord =
            trouble != nil ? .blocked : outages.isProcessingStuck ? .stuck : .running
        let isReady =
            database.state == HealthAPI.DatabaseWord.up.rawValue && word == .running && !readiness.isStopping
        let document = Object<HealthAPI.Ready> {
            $0.status = self.word(isReady).rawValue
            $0.postgresql = database
            $0.processing = Object {
                $0.state = word.rawValue
                $0.cause = trouble?.rawValue
            }
        }
        return (document, isReady ? .ok : .serviceUnavailable)
    }
}
