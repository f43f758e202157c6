// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One request of a hot route, read to its end.
package struct HotRequest<Claim: Sendable>: Sendable {
    /// Path and query, as sent.
    package let target: String
    package let headers: HTTPHeaders
    /// The other end of the connection: the client, or a proxy in front of it.
    package let remoteAddress: SocketAddress?
    package let parameters: HotPath.Parameters
    package let body: ByteBuffer
    /// The memory of the body; keep it for as long as a copy of the body.
    package let lease: BodyMemory.Lease?
    /// What `admit` read from the headers.
    package let claim: Claim
}
