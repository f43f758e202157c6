// SPDX-License-Identifier: Apache-2.0

import Notation

/// What an object says, in the words of one type of event.
struct RefetchStatement: Sendable, Hashable {
    let type: String
    let object: JSON
    let created: Timestamp
    /// Whether `created` is when it was asked: the newest such statement about an object counts.
    let isAsOfAsking: Bool
    /// Whether it is no news: it belongs to the state that was found, and is not told.
    var isKnown = false

    init(_ type: String, _ object: JSON, at created: Timestamp) {
        (self.type, self.object, self.created, isAsOfAsking) = (type, object, created, false)
    }

    init(_ type: String, _ object: JSON, asked: Timestamp) {
        (self.type, self.object, self.created, isAsOfAsking) = (type, object, asked, true)
    }

    /// What makes it another entry.
    func identity(account: String?, marker: String?) -> JSON {
        [
            "type": .string(type), "account": account.map(JSON.string) ?? .null,
            "state": object.withoutURLs ?? .null, "created": isAsOfAsking ? .null : .integer(created.seconds),
            "marker": isAsOfAsking ? marker.map(JSON.string) ?? .null : .null,
        ]
    }
}

extension JSON {
    /// Without the texts that are URLs: some are signed anew for each answer.
    fileprivate var withoutURLs: JSON? {
        switch self {
        case .string(let text): text.hasPrefix("https://") || text.hasPrefix("http://") ? nil : self
        case .array(let elements): .array(elements.compactMap(\.withoutURLs))
        case .object(let members): .object(members.compactMapValues(\.withoutURLs))
        case .null, .bool, .integer, .number: self
        }
    }
}
