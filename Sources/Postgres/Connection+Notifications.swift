// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc

extension Connection {
    /// Notifies the listeners of a channel once this transaction is committed.
    /// - Parameter payloads: each shorter than 8000 bytes.
    /// - Throws: `PostgresError`.
    package func notify(_ channel: String, _ payloads: [String]) throws(PostgresError) {
        try execute(Self.notification(channel, payloads))
    }

    /// What `notify` runs, for use in a pipeline.
    package static func notification(_ channel: String, _ payloads: [String]) -> SQL {
        "SELECT pg_notify(\(channel), payload) FROM unnest(\(payloads)) AS p (payload)"
    }

    /// What was notified on the channels this session listens to; waits for at most `limit`.
    /// - Throws: `PostgresError` if the session is lost.
    package func notifications(within limit: Duration) throws(PostgresError) -> [Notification] {
        try session.notifications(within: limit)
    }
}

extension Session {
    func notifications(within limit: Duration) throws(PostgresError) -> [Notification] {
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        let ready = poll(&socket, 1, Int32(limit / .milliseconds(1)))
        guard ready >= 0 || errno == EINTR, ready <= 0 || PQconsumeInput(handle) == 1 else {
            throw PostgresError(sqlState: "08006", message: message)
        }
        var received: [Notification] = []
        while let notification = PQnotifies(handle) {
            received.append(
                Notification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return received
    }
}
