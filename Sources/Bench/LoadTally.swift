// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The results of a closed loop.
struct LoadTally: Sendable {
    /// Answers of one status and outcome.
    struct Kind: Sendable, Hashable {
        let status: Int
        /// The body's `outcome` or `code`; empty if it has none.
        let outcome: [UInt8]
        var count: Int
    }

    private(set) var kinds: [Kind] = []
    /// Of the answers within the time measured: to requests, and to what followed those.
    private(set) var latencies = Latencies()
    private(set) var followUps = Latencies()
    /// Of the latter, those with 2xx.
    private(set) var followed = 0
    /// How many requests the source has made.
    var requests = 0
    /// Requests without an answer, and connections that could not be made.
    private(set) var failures = 0
    private(set) var firstFailure: String?
    /// The time measured.
    var elapsed: Duration = .zero
    /// Whether the source had no more requests before the time was up.
    var isUsedUp = false

    /// A server that words every answer differently must not fill the memory.
    private static let kindLimit = 32

    var answers: Int { kinds.reduce(0) { $0 + $1.count } }

    var successes: Int { kinds.reduce(0) { $0 + ((200..<300).contains($1.status) ? $1.count : 0) } }

    /// In answers to requests per second, within the time measured.
    var rate: Double { elapsed > .zero ? Double(latencies.count) / (elapsed / .seconds(1)) : 0 }

    mutating func count(status: Int, outcome: UnsafeRawBufferPointer) {
        for index in kinds.indices where kinds[index].status == status && kinds[index].isOutcome(outcome) {
            kinds[index].count += 1
            return
        }
        if kinds.count < Self.kindLimit {
            kinds.append(Kind(status: status, outcome: Array(outcome), count: 1))
        } else if let index = kinds.firstIndex(where: { $0.status == status }) {
            kinds[index].count += 1
        }
    }

    mutating func measure(microseconds: Int64) {
        latencies.add(microseconds: microseconds)
    }

    mutating func measureFollowUp(microseconds: Int64, isSuccess: Bool) {
        followUps.add(microseconds: microseconds)
        if isSuccess { followed += 1 }
    }

    mutating func fail(_ cause: String) {
        failures += 1
        if firstFailure == nil { firstFailure = cause }
    }

    /// Adds another loop's answers; its time does not count.
    mutating func include(_ other: LoadTally) {
        for kind in other.kinds {
            if let index = kinds.firstIndex(where: { $0.status == kind.status && $0.outcome == kind.outcome }) {
                kinds[index].count += kind.count
            } else {
                kinds.append(kind)
            }
        }
        failures += other.failures
        firstFailure = other.firstFailure ?? firstFailure
    }
}

extension LoadTally.Kind {
    fileprivate func isOutcome(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard outcome.count == bytes.count else { return false }
        guard let base = bytes.baseAddress, !outcome.isEmpty else { return true }
        return outcome.withUnsafeBufferPointer { $0.baseAddress.map { memcmp($0, base, bytes.count) == 0 } ?? false }
    }
}
