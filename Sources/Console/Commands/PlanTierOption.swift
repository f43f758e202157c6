// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// `1000:1.2`: from which amount of a month's cost on, and the markup there.
struct PlanTierOption: ExpressibleByArgument {
    let above: String
    let markup: String

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        (above, markup) = (parts[0], parts[1])
    }

    var object: Object<PlansAPI.Tier> {
        Object {
            $0.above = above
            $0.markup = markup
        }
    }
}
