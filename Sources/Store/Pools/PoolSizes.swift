// SPDX-License-Identifier: Apache-2.0

/// How many connections each kind of work in a process may have; all are opened when first needed.
package struct PoolSizes: Sendable, Hashable {
    package static let standardWorkers = 3

    package let workers: Int

    package init(workers: Int = Self.standardWorkers) {
        self.workers = workers
    }

    /// The next batch is sent while the answers to the last one are given.
    var ingest: Int { 2 }
    /// The workers, the sweeper, and one for replays, retention and corrections.
    var processing: Int { workers + 2 }
    var registry: Int { 1 }
    var listening: Int { 1 }
    /// As for ingest.
    var gateways: Int { 2 }
    /// One for who follows the feed, one for who reads many answers.
    var feed: Int { 2 }
    /// As for ingest.
    var spending: Int { 2 }
    /// As for ingest.
    var usage: Int { 2 }
    var operators: Int { 4 }
    var readiness: Int { 1 }
    var figures: Int { 1 }

    /// For a process that does everything, one with only the listeners, and one with only the processing.
    package var all: Int { http + processing + registry }
    package var http: Int {
        ingest + listening + gateways + feed + spending + usage + operators + readiness + figures
    }
    package var worker: Int { processing + registry + readiness + figures }
}
