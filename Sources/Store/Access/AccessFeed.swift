// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What other processes announce about changed answers and keys.
package struct AccessFeed: Sendable {
    /// How long a silent server is trusted.
    private static let heartbeat: Duration = .seconds(5)
    /// The longest wait for the end once it has been asked for.
    private static let turn: Duration = .milliseconds(500)

    let database: Database
    let customers: Announcements
    let keys: Announcements

    /// Passes on what other processes announce, as long as the session lasts.
    /// - Parameters:
    ///   - began: called once announcements are certain to be received.
    ///   - isOver: asked twice a second.
    /// - Throws: `PostgresError` when the session is lost.
    package func listen(began: @Sendable @escaping () -> Void, isOver: @Sendable @escaping () -> Bool) async throws {
        try await database.session { [customers, keys] connection in
            try connection.execute("LISTEN tollgate_access")
            try connection.execute("LISTEN tollgate_keys")
            began()
            var confirmedAt = ContinuousClock.now
            while !isOver() {
                let notifications = try connection.notifications(within: Self.turn)
                customers.tell(of: notifications)
                keys.tell(of: notifications)
                // This detects a connection that went silent, which the kernel would only do after minutes.
                if confirmedAt.duration(to: .now) > Self.heartbeat {
                    try connection.execute("SELECT 1")
                    confirmedAt = .now
                }
            }
        }
    }
}
