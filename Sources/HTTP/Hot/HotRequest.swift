// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One request of a hot route, read to its end.
package struct HotRequest<Claim: Sendable>: Sendable {
    /// Path and query, as they were sent.
    package let target: String
    package let headers: HTTPHeaders
    /// Who is at the other end of the connection: the client, or a proxy before it.
    package let remoteAddress: SocketAddress?
    /// What stands in the place of the path's `{…}`, percent-encoded; empty where it has none.
    package let parameter: String
    package let body: ByteBuffer
    /// The memory of the body; to be kept as long as a copy of it is.
    package let lease: BodyMemory.Lease?
    /// What `admit` has read of the headers.
    package let claim: Claim
}
