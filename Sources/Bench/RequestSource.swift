// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore

/// Makes one request after another for a closed loop, which may ask for hundreds of thousands per second.
protocol RequestSource: Sendable {
    /// Writes the next request, head and body, into an empty buffer.
    /// - Returns: false if there are no more.
    mutating func next(into buffer: inout ByteBuffer) throws -> Bool

    /// Writes what the same connection sends once a request has been answered with 2xx, before its next one.
    /// - Parameter number: which one it was, from 0, of all that this source has made.
    /// - Returns: false if nothing follows.
    func follow(_ number: Int, into buffer: inout ByteBuffer) -> Bool
}

extension RequestSource {
    func follow(_ number: Int, into buffer: inout ByteBuffer) -> Bool { false }
}

extension SignedEventQueue: RequestSource {}
