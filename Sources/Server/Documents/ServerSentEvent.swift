// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import Notation
import Store

/// An event of a stream of changes, as it is sent.
enum ServerSentEvent {
    /// - Parameter cursor: where to go on after it.
    static func change(_ change: FeedChange, of identity: String, to bytes: inout [UInt8]) {
        begin("change", FeedCursor(identity: identity, position: change.position), to: &bytes)
        AccessDocument.append(AccessCache.Answer(change.answer), of: change.answer.customer.utf8.span, to: &bytes)
        // In place of the brace that ends the answer.
        bytes.removeLast()
        bytes += Array(#","at":"\#(change.at)"}"#.utf8)
        end(&bytes)
    }

    /// That everything up to a cursor has been sent, so that silence is not taken for news that got lost.
    static func checkpoint(_ cursor: FeedCursor, at now: Timestamp, to bytes: inout [UInt8]) {
        begin("checkpoint", cursor, to: &bytes)
        bytes += Array(#"{"at":"\#(now)"}"#.utf8)
        end(&bytes)
    }

    /// The cursor is of another feed; nothing follows.
    static func resync(to bytes: inout [UInt8]) {
        begin("resync", nil, to: &bytes)
        bytes += Array(#"{"code":"cursor_too_old","snapshot":"/v1/access"}"#.utf8)
        end(&bytes)
    }

    private static func begin(_ name: String, _ cursor: FeedCursor?, to bytes: inout [UInt8]) {
        bytes += Array("event: \(name)\n".utf8)
        if let cursor { bytes += Array("id: \(cursor.text)\n".utf8) }
        bytes += Array("data: ".utf8)
    }

    private static func end(_ bytes: inout [UInt8]) { bytes += Array("\n\n".utf8) }
}
