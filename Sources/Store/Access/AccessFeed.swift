// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What other processes tell of changed answers.
package struct AccessFeed: Sendable {
    /// How long a silent server is trusted.
    private static let heartbeat: Duration = .seconds(5)
    /// How long the end is waited for at the most once it is asked for.
    private static let turn: Duration = .milliseconds(500)

    let database: Database
    let changes: AccessChanges

    /// Passes on what other processes announce, for as long as the session lasts.
    /// - Parameters:
    ///   - began: called once announcements are received for sure.
    ///   - isOver: asked twice a second.
    /// - Throws: `PostgresError` when the session is lost.
    package func listen(began: @Sendable @escaping () -> Void, isOver: @Sendable @escaping () -> Bool) async throws {
        try await database.session { [changes] connection in
            try connection.execute("LISTEN tollgate_access")
            began()
            var confirmedAt = ContinuousClock.now
            while !isOver() {
                let customers = AccessChanges.customers(try connection.notifications(within: Self.turn))
                if !customers.isEmpty { changes.tell(customers) }
                // A connection that went silent is found out by this, and not by the kernel after minutes.
                if confirmedAt.duration(to: .now) > Self.heartbeat {
                    try connection.execute("SELECT 1")
                    confirmedAt = .now
                }
            }
        }
    }
}
