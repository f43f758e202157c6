// SPDX-License-Identifier: Apache-2.0

import Notation

/// How the metadata of holds and debits is stored: an object of texts.
enum StoredMetadata {
    static func encode(_ metadata: [String: String]) -> JSON { .object(metadata.mapValues(JSON.string)) }

    static func decode(_ json: JSON) throws -> [String: String] {
        guard let members = json.object else { throw StoreError.unknownValue("metadata") }
        return try members.mapValues { value in
            guard let text = value.string else { throw StoreError.unknownValue("metadata") }
            return text
        }
    }
}
