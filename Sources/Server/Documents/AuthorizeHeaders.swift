// SPDX-License-Identifier: Apache-2.0

import Gateway
import Notation
import Store

/// The headers of `/v1/authorize` in bytes, each after a line end, for the hot path: those of `AuthorizeAPI.Header`, all of
/// them and in their order, and empty where there is nothing to say.
enum AuthorizeHeaders {
    /// Of every answer: nobody between Tollgate and the gateway may keep it.
    static let noStore = Array("\r\nCache-Control: no-store".utf8)
    /// The most that they take without the ids: 150 bytes of names, 25 of words, two numbers of 20, and a time.
    private static let capacity = 240 + Timestamp.longestDescription

    /// - Parameter isStale: whether the database is unavailable and memory answers.
    static func lines(_ answer: AccessCache.Answer, _ key: APIKeyAnswer, isStale: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        // No id holds a line end: the tables admit only letters, digits, `-` and `_`.
        bytes.append(addingCapacity: capacity + key.customer.utf8.count + key.id.utf8.count) { output in
            output.append("\r\nTollgate-Customer: ")
            output.append(key.customer.utf8.span)
            output.append("\r\nTollgate-Key: ")
            output.append(key.id.utf8.span)
            output.append("\r\nTollgate-Reason: ")
            output.append(answer.reason.rawValue.utf8.span)
            output.append("\r\nTollgate-Until: ")
            if let until = answer.until { until.append(to: &output) }
            output.append("\r\nTollgate-Credits: ")
            output.append(answer.credits)
            output.append("\r\nTollgate-Version: ")
            output.append(answer.version)
            output.append(isStale ? "\r\nTollgate-Stale: true" : "\r\nTollgate-Stale: ")
            output.append(noStore.span)
        }
        return bytes
    }
}
