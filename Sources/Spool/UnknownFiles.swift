// SPDX-License-Identifier: Apache-2.0

/// Files that somebody puts among the segments while the spool is open. They are taken up once nobody seems to be
/// writing to them: repairing a half-copied file would cut a record out of it.
struct UnknownFiles: Sendable, Hashable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Hashable {
        /// Take it up if nothing in it is damaged.
        case takeWhole(Int)
        /// Take it up as after a crash: set aside what is damaged or cannot be Tollgate's.
        case take(Int)
    }

    private struct Sighting: Hashable {
        let stamp: FileStamp
        let since: Instant
        var isTried = false
    }

    /// How long a file must have stayed unchanged.
    static let settling: Duration = .seconds(3)
    /// The same for a damaged file: the copying may only have stalled.
    static let settlingOfDamaged: Duration = .seconds(60)

    private var sightings: [Int: Sighting] = [:]

    /// - Parameter found: the unknown files that are there now, by number.
    /// - Returns: in ascending order; `take` is repeated until the file is no longer found.
    mutating func see(_ found: [Int: FileStamp], at now: Instant) -> [Action] {
        var actions: [Action] = []
        var seen: [Int: Sighting] = [:]
        for (number, stamp) in found.sorted(by: { $0.key < $1.key }) {
            let known = sightings[number].flatMap { $0.stamp == stamp ? $0 : nil }
            var sighting = known ?? Sighting(stamp: stamp, since: now)
            let age = sighting.since.duration(to: now)
            if age >= Self.settlingOfDamaged {
                actions.append(.take(number))
            } else if age >= Self.settling, !sighting.isTried {
                sighting.isTried = true
                actions.append(.takeWhole(number))
            }
            seen[number] = sighting
        }
        sightings = seen
        return actions
    }
}
