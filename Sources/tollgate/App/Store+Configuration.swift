// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres
import Settings
import Store
import StripeAPI

extension Store {
    /// Lends the store to a command run by hand, once the schema is known to fit.
    /// - Throws: `ConfigurationError` without a database, `UnreachableDatabase`, what `body` throws.
    static func with<Result>(
        _ configuration: Configuration, label: String, _ body: (Store) async throws -> Result
    ) async throws -> Result {
        let source = DataSource(try configuration.required(\.databaseURL).value)
        try await UnreachableDatabase.explained(configuration) {
            try await withResource(Migrator(source)) { try await $0.check() }
        }
        return try await withResource(Store(source, logger: Logger(label: label, configuration)), body)
    }

    /// The same, with Stripe's API.
    /// - Throws: also `ConfigurationError` without a key.
    static func withStripe<Result>(
        _ configuration: Configuration, label: String, _ body: (Store, StripeClient) async throws -> Result
    ) async throws -> Result {
        try await with(configuration, label: label) { store in
            try await withResource(try StripeClient(required: configuration)) { try await body(store, $0) }
        }
    }
}
