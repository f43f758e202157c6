// SPDX-License-Identifier: Apache-2.0

import Postgres

extension Pipeline {
    /// For what operators search, in one transaction: planned for these filters and no others, so that the few that failed are
    /// found by their own index, however many events there are; and given time.
    func beginSearch(within limit: Duration) {
        execute("SET LOCAL plan_cache_mode = force_custom_plan")
        extendTimeout(to: limit)
    }
}
