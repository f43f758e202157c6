// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import StripeAPI

/// What a refetch has learned.
package struct Refetched: Sendable {
    /// What could not be read; empty if all was.
    package let omissions: [RefetchOmission]
    let statements: [RefetchStatement]
    let account: String?
    /// The key's mode, for objects that have none.
    let livemode: Bool

    /// Whether Stripe knows nothing of what was asked for.
    var isUnknown: Bool {
        statements.isEmpty && omissions.contains { if case .unknown = $0 { true } else { false } }
    }

    /// The same if and only if the same was found, whenever it was asked: 64 hex digits.
    package var state: String {
        Self.hash(.array(statements.map { $0.identity(account: account, marker: nil) }))
    }

    /// The synthetic events that say it, for the inbox; in no particular order.
    /// - Parameter marker: goes into the ids of those whose order counts, so that a state that comes back after another
    ///   one is a new entry.
    package func entries(marker: String) -> [RefetchEntry] {
        statements.filter { !$0.isKnown }.map { statement in
            let id = "refetch_\(Self.hash(statement.identity(account: account, marker: marker)))"
            var event: [String: JSON] = [
                "id": .string(id), "object": "event", "type": .string(statement.type),
                "created": .integer(statement.created.seconds),
                "livemode": statement.object["livemode"] ?? .bool(livemode),
                "api_version": .string(StripeClient.version), "data": ["object": statement.object],
            ]
            if let account { event["account"] = .string(account) }
            return RefetchEntry(id: id, payload: JSON.object(event).bytes)
        }
    }

    private static func hash(_ value: JSON) -> String {
        guard let digest = Digest.sha256(value.bytes) else {
            preconditionFailure("OpenSSL computes no SHA-256: out of memory")
        }
        return digest
    }
}
