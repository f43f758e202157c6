// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import NIOCore

/// The connection of a client whose answer takes long.
package struct ClientConnection: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    /// Calls `leave` once, on the event loop, if the client goes away before its request is answered.
    package func whenClientLeaves(_ leave: @escaping @Sendable () -> Void) {
        channel.eventLoop.execute { [channel] in
            do {
                try channel.pipeline.syncOperations.handler(type: RequestPacer.self).whenClientLeaves(leave)
            } catch {
                leave()  // the pipeline is gone, and so is the client
            }
        }
    }

    /// Writes a part of an answer. A client that does not read what was written before loses its connection: no more than
    /// the part before and the listener's `unreadSize` is ever kept for it.
    /// - Parameters:
    ///   - limit: how long it may read nothing.
    ///   - gaveUp: called on the event loop when that is over.
    /// - Throws: when the connection has ended.
    package func write(
        _ part: ByteBuffer,
        to writer: any ResponseBodyWriter,
        within limit: Duration,
        gaveUp: @escaping @Sendable () -> Void
    ) async throws {
        let clock = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { [channel] in
            gaveUp()
            channel.close(promise: nil)
        }
        defer { clock.cancel() }
        var writer = writer
        try await writer.write(part)
    }
}
