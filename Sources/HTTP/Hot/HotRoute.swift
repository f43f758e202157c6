// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// A route that is answered on the connection's event loop, before Hummingbird sees the request: the hot path, for what
/// is asked thousands of times a second.
package protocol HotRoute: Sendable {
    /// What `admit` read from the headers, for `answer`.
    associatedtype Claim: Sendable = Void

    var method: HTTPMethod { get }
    /// Whether it answers all methods, also those that nobody knows; `method` then counts for nothing.
    var answersAnyMethod: Bool { get }
    var path: HotPath { get }
    /// `none` for a route that reads no body.
    var bodyLimit: BodyLimit { get }
    /// The budget that all bodies share.
    var memory: BodyMemory? { get }

    /// Called on the event loop, once the headers were read and before any of the body is kept.
    /// - Throws: the answer, sent at once; the connection ends with it.
    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) -> Claim

    /// Called on the event loop, once the whole request was read. Must not block.
    /// - Parameter reply: to be called once, on any thread.
    func answer(_ request: HotRequest<Claim>, _ reply: HotReply)
}

extension HotRoute {
    package var answersAnyMethod: Bool { false }
    package var memory: BodyMemory? { nil }
}

extension HotRoute where Claim == Void {
    package func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) {}
}
