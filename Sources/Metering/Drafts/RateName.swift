// SPDX-License-Identifier: Apache-2.0

import Notation

/// What means one model from an instant on: no two rates of a draft have the same.
struct RateName: Hashable {
    let provider: String
    let name: String
    let effectiveAt: Timestamp

    static func all(of rate: Rate) -> [RateName] {
        ([rate.model] + rate.aliases).map {
            RateName(provider: rate.provider, name: $0, effectiveAt: rate.effectiveAt)
        }
    }
}
