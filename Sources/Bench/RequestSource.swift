// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore

/// Makes one request after another for a closed loop, which may ask for hundreds of thousands per second.
protocol RequestSource: Sendable {
    /// Writes the next request, head and body, into an empty buffer.
    /// - Returns: false if there are no more.
    mutating func next(into buffer: inout ByteBuffer) throws -> Bool
}

extension SignedEventQueue: RequestSource {}
