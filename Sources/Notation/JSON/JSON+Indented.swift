// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

extension JSON {
    /// For people, formatted as Stripe's events: a line for each member, keys sorted.
    package var indented: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            // Only a number that is not finite can fail to encode; the compact form writes null for it.
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
