// SPDX-License-Identifier: Apache-2.0

import Cluster
import Spool
import Store
import StripeAPI

/// Something that must be released.
protocol Closable {
    func close() async throws
}

extension Store: Closable {}

extension DiagnosisStore: Closable {}

extension Spool: Closable {}

extension Migrator: Closable {}

extension StripeClient: Closable {}

extension Optional: Closable where Wrapped: Closable {
    func close() async throws { try await self?.close() }
}

extension PrivateCluster: Closable {
    func close() async throws { try await stop() }
}
