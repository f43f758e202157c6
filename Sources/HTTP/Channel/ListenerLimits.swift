// SPDX-License-Identifier: Apache-2.0

/// What one client can take from a listener: time, bytes and connections. How large a body may be, its route says:
/// `BodyLimit`.
///
/// One connection holds at most, besides a body and an answer: `readSize` twice (the buffer of the next read, and what
/// was read and waits), `unreadSize`, and a few times `freeHeaderSize`; if its client closed it while requests wait,
/// `aheadSize`. With the sizes below that is about 64 KiB, so 640 MB for 10,000 hostile connections; an idle one holds
/// about 12 KB. Bodies and larger heads are taken from budgets that all connections share.
package struct ListenerLimits: Sendable {
    /// From the first byte of a request to the end of its headers.
    package var headerTime: Duration = .seconds(10)
    /// From the end of the headers to the end of the body.
    package var bodyTime: Duration = .seconds(10)
    /// How long a connection may stay idle between requests, and how long a client may leave an answer unread.
    package var idleTime: Duration = .seconds(60)
    /// How long the reader of a stream may read nothing of it.
    package var stallTime: Duration = .seconds(20)
    /// How long a closing connection is still read from: closing it with unread data would destroy the answer.
    package var lingerTime: Duration = .seconds(5)

    /// The request line and all headers together, as they are sent, in bytes.
    package var headerSize = 64 * 1024
    package var headerCount = 100
    /// Heads up to this size are free; larger ones are taken from `headerMemory`, which all connections share.
    package var freeHeaderSize = 4 * 1024
    package var headerMemory = 32 * 1024 * 1024
    /// How much is read at once.
    package var readSize = 16 * 1024
    /// How much a client may have sent ahead of its answers when it closes its side; the rest is dropped.
    package var aheadSize = 64 * 1024
    /// How much of its answers a client may leave unread before the server stops working for it.
    package var unreadSize = 16 * 1024
    /// How much of a refused body is read and forgotten, in bytes, so that the client can read its answer.
    package var discardedSize = 16 * 1024 * 1024

    /// Further connections wait unaccepted; nil: as many as the system allows.
    package var connections: Int? = 10_000

    package init() {}

    func duration(of wait: ConnectionTimer.Wait) -> Duration {
        switch wait {
        case .request, .reader: idleTime
        case .headers: headerTime
        case .body: bodyTime
        case .close: lingerTime
        }
    }
}
