// SPDX-License-Identifier: Apache-2.0

/// Our own usage object: quantities by the names of their pools.
enum TokensDialect {
    static func read(_ usage: UsageFields, of record: UsageRecord) throws(UsageFault) -> UsageReading {
        var portion = Portion(model: record.model)
        portion.isBatch = record.isBatch
        for key in usage.members.keys.sorted() {
            guard let pool = Pool(key) else {
                throw usage.fault(
                    key, "is no pool",
                    advice:
                        "pools are input, output, cache_write_5m, cache_write_1h, cache_read, web_search, unit:<name>")
            }
            portion.quantities[pool] = try usage.quantity(key)
        }
        guard !portion.quantities.isEmpty else {
            throw UsageFault(.usage, usage.path, "names no pool", advice: "report at least one quantity, even of 0")
        }
        var reading = UsageReading()
        reading.portions = [portion]
        return reading
    }
}
