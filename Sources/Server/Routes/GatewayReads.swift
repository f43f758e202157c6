// SPDX-License-Identifier: Apache-2.0

import Gateway
import HTTP
import Store
import Timing

/// What gateways read from the database: each waits for its answer, but no longer than for the flag's.
struct GatewayReads: Sendable {
    private static let limit: Duration = .seconds(2)

    let outages: Outages
    /// A read that is given up goes on, and keeps its place until it ends.
    private let places = FeedPlaces(256)

    init(outages: Outages) {
        self.outages = outages
    }

    /// - Throws: what `read` throws, or 503 if it takes too long.
    func callAsFunction<T: Sendable>(_ read: @escaping @Sendable () async throws -> T) async throws -> T {
        guard let place = places.take() else { throw late("too many requests are waiting") }
        let outcome: Result<T, any Error>? = await Deadline.within(Self.limit) {
            defer { withExtendedLifetime(place) {} }
            do {
                return .success(try await read())
            } catch {
                return .failure(error)
            }
        }
        guard let outcome else { throw late("the database did not answer in time") }
        return try outcome.get()
    }

    private func late(_ reason: String) -> ProblemDetails {
        outages.failed(.requests, .server, reason)
        return .serviceUnavailable(detail: "The database did not answer in time; try again.", retryAfter: 1)
    }
}
