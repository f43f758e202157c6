// SPDX-License-Identifier: Apache-2.0

/// A warm-up, then the measurement.
struct Measurement {
    let target: BenchTarget
    let connections: Int
    let meter: ProcessorMeter
    let warmUp: Duration
    let duration: Duration

    func warmUp(with source: some RequestSource) async throws -> LoadTally {
        try await run(source, for: warmUp, "warming up")
    }

    /// - Parameter before: the answers of the warm-up.
    func measure(_ source: some RequestSource, after before: LoadTally) async throws -> LoadReport {
        let first = await meter.read()
        let tally = try await run(source, for: duration, "measuring")
        let use = ProcessorMeter.use(from: first, to: await meter.read())
        var everything = tally
        everything.include(before)
        return LoadReport(
            target: target, connections: connections, tally: tally, everything: everything, use: use)
    }

    private func run(_ source: some RequestSource, for duration: Duration, _ what: String) async throws -> LoadTally {
        let loop = ClosedLoop(target: target, connections: connections)
        let line = BenchProgress.ofTime(what, duration, loop.progress)
        return try await BenchProgress.showing(line) { try await loop.run(source, for: duration) }
    }
}
