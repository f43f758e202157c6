// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console

/// How long a closed loop runs.
struct PhaseOptions: ParsableArguments {
    /// Signatures are made before the loop runs, and Tollgate accepts none that is older than 300 s.
    private static let longest: Duration = .seconds(240)

    @Option(help: ArgumentHelp("The time measured.", valueName: "time"))
    var duration = "10s"

    @Option(help: ArgumentHelp("The warm-up before it, whose answers do not count.", valueName: "time"))
    var warmUp = "2s"

    func validate() throws {
        let (measured, before) = try times()
        guard measured + before <= Self.longest else {
            throw ValidationError("--duration and --warm-up are longer than 240s together; run the bench twice.")
        }
    }

    func times() throws -> (measured: Duration, warmUp: Duration) {
        (
            try DurationOption.parse(duration, option: "--duration"),
            try DurationOption.parse(warmUp, option: "--warm-up")
        )
    }
}
