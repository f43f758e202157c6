// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import Store

/// API keys as the admin API shows them.
enum KeyDocument {
    static func page(_ records: [APIKeyRecord], hasMore: Bool) -> Object<KeysAPI.Page> {
        Object {
            $0.data = records.map(key)
            $0.hasMore = hasMore
        }
    }

    static func key(_ record: APIKeyRecord) -> Object<KeysAPI.Key> {
        Object {
            $0.id = record.id
            $0.customer = record.customer
            $0.label = record.label
            $0.last4 = record.last4
            $0.createdAt = record.createdAt
            $0.expiresAt = record.expiresAt
            $0.disabled = record.isDisabled
            $0.lastUsedAt = record.lastUsedAt
        }
    }

    /// The only document with the key itself.
    static func new(_ record: APIKeyRecord, _ key: APIKey) -> Object<KeysAPI.NewKey> {
        Object {
            $0.id = record.id
            $0.customer = record.customer
            $0.key = key.text
            $0.label = record.label
            $0.last4 = record.last4
            $0.createdAt = record.createdAt
            $0.expiresAt = record.expiresAt
            $0.disabled = record.isDisabled
            $0.lastUsedAt = record.lastUsedAt
        }
    }
}
