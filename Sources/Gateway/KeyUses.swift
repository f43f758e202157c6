// SPDX-License-Identifier: Apache-2.0

import Notation
import ServiceLifecycle
import Store
import Synchronization

/// When API keys were last used: collected in memory, and written now and then with one statement, so that no request
/// waits for it.
package final class KeyUses: Service {
    /// While the database is away; further ones are forgotten until it is back.
    private static let limit = 100_000
    /// In one statement.
    private static let batch = 1_000

    private let keys: APIKeyStore
    private let outages: Outages
    private let pause: Duration
    private let pending = Mutex<[String: Timestamp]>([:])

    package init(keys: APIKeyStore, outages: Outages, every pause: Duration) {
        self.keys = keys
        self.outages = outages
        self.pause = pause
    }

    package func add(_ id: String, at time: Timestamp) {
        pending.withLock { pending in
            guard pending[id] != nil || pending.count < Self.limit else { return }
            pending[id] = max(pending[id] ?? time, time)
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: self.pause)) != nil {  // cancelled: the last ones are written below
                await self.write()
            }
        }
        await write()
    }

    private func write() async {
        var rest = pending.withLock { pending in
            let taken = pending.map { APIKeyUse(id: $0.key, at: $0.value) }
            pending = [:]
            return taken[...]
        }
        while !rest.isEmpty {
            do {
                try await keys.touch(Array(rest.prefix(Self.batch)))
                rest = rest.dropFirst(Self.batch)
            } catch {
                outages.failed(.requests, error)
                for use in rest { add(use.id, at: use.at) }
                return
            }
        }
    }
}
