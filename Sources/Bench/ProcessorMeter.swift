// SPDX-License-Identifier: Apache-2.0

import Glibc
import Telemetry

/// What kept processors busy: the server according to its `/metrics`, a database on this machine according to the
/// kernel, and this process itself.
struct ProcessorMeter: Sendable {
    /// In seconds since the process began; nil if it cannot be known.
    struct Reading: Sendable {
        let server: Double?
        let database: Double?
        let own: Double
        let at: ContinuousClock.Instant
    }

    /// In cores: 1.5 is one and a half, the whole time.
    struct Use: Sendable {
        let server: Double?
        let database: Double?
        let own: Double
    }

    /// The server's private listener; nil if not given.
    let privateBase: String?
    let postmaster: LocalPostmaster?

    func read() async -> Reading {
        var server: Double?
        if let privateBase {
            // A server without such metrics is still measured, without this figure.
            server = (try? await Scrape.read(privateBase))?.value(Metric.processorSeconds.name)
        }
        var own = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own)
        return Reading(
            server: server,
            database: postmaster?.seconds,
            own: Double(own.tv_sec) + Double(own.tv_nsec) / 1e9,
            at: .now
        )
    }

    static func use(from first: Reading, to last: Reading) -> Use {
        let seconds = first.at.duration(to: last.at) / .seconds(1)
        // A count that fell is another process's.
        func cores(_ first: Double?, _ last: Double?) -> Double? {
            guard let first, let last, last >= first, seconds > 0 else { return nil }
            return (last - first) / seconds
        }
        return Use(
            server: cores(first.server, last.server),
            database: cores(first.database, last.database),
            own: cores(first.own, last.own) ?? 0
        )
    }
}
