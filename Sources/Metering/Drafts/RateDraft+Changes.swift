// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateDraft {
    /// What differs from what would hold without the draft at the instant of each of its rates, in the draft's order.
    package func changes(from book: RateBook) -> [RateChange] {
        rates.flatMap { rate -> [RateChange] in
            let former = book.version(provider: rate.provider, model: rate.model, at: rate.effectiveAt)?.rate
            let (before, after) = (Self.compared(former), Self.compared(rate))
            return Set(before.keys).union(after.keys).sorted().compactMap { field -> RateChange? in
                guard before[field] != after[field] else { return nil }
                return RateChange(
                    provider: rate.provider, model: rate.model, effectiveAt: rate.effectiveAt, field: field,
                    before: before[field], after: after[field])
            }
        }
    }

    private static func compared(_ rate: Rate?) -> [String: JSON] {
        (rate?.json.object ?? [:]).filter { !["provider", "model", "effective_at"].contains($0.key) }
    }
}
