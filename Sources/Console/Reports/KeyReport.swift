// SPDX-License-Identifier: Apache-2.0

import API
import Notation

/// API keys as an operator reads them.
enum KeyReport {
    static func list(
        _ keys: [Object<KeysAPI.Key>],
        at now: Timestamp = WallClock.now,
        _ terminal: Terminal
    ) -> [String] {
        if keys.isEmpty { return ["no keys"] }
        var table = TextTable("KEY", "LAST 4", "LABEL", "STATE", "CREATED", "EXPIRES", "LAST USED")
        for key in keys {
            let hasEnded = key.expiresAt.map { $0 <= now } ?? false
            table.add(
                key.id, key.last4.map { "…\($0)" } ?? "(imported)", key.label,
                hasEnded ? "ended" : key.disabled ? "disabled" : "enabled", Field.second(key.createdAt),
                key.expiresAt.map(Field.second), key.lastUsedAt.map(Field.second))
        }
        return table.lines(terminal)
    }

    /// A new key, or one that an earlier request made, which is not shown again.
    static func new(_ key: Object<KeysAPI.ShownKey>, _ terminal: Terminal) -> [String] {
        let name = "\(key.id) of \(key.customer)"
        guard let text = key.key else {
            return ["\(name) was made by an earlier request, and is not shown again: if nobody has it, delete it"]
        }
        return [text, "", "\(name). The first line is the key: it is not shown again."]
    }
}
