// SPDX-License-Identifier: Apache-2.0

import Postgres

extension Pipeline {
    /// For operators' searches, in one transaction: planned for these filters and no others, so that the few failed
    /// events are found by their own index, however many events there are; and given more time.
    func beginSearch(within limit: Duration) {
        execute("SET LOCAL plan_cache_mode = force_custom_plan")
        extendTimeout(to: limit)
    }
}
