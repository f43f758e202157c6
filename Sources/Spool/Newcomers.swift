// SPDX-License-Identifier: Apache-2.0

/// Files that somebody puts among the segments while the spool is open: taken up once nobody seems to write to them any
/// more, for what is cut off of a half-copied one would be missed in it.
struct Newcomers: Sendable, Hashable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Hashable {
        /// Take it up if all of it is whole.
        case takeWhole(Int)
        /// Take it up as after a crash: what is damaged, or cannot be Tollgate's, is set aside.
        case take(Int)
    }

    private struct Sighting: Hashable {
        let stamp: FileStamp
        let since: Instant
        var isTried = false
    }

    /// For how long a file must not have changed.
    static let settling: Duration = .seconds(3)
    /// The same for one that is damaged: its copying may only have come to a halt.
    static let patience: Duration = .seconds(60)

    private var sightings: [Int: Sighting] = [:]

    /// - Parameter found: what lies there and is not known, by number.
    /// - Returns: in ascending order; the second kind again and again until it is not found any more.
    mutating func see(_ found: [Int: FileStamp], at now: Instant) -> [Action] {
        var actions: [Action] = []
        var seen: [Int: Sighting] = [:]
        for (number, stamp) in found.sorted(by: { $0.key < $1.key }) {
            let known = sightings[number].flatMap { $0.stamp == stamp ? $0 : nil }
            var sighting = known ?? Sighting(stamp: stamp, since: now)
            let age = sighting.since.duration(to: now)
            if age >= Self.patience {
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
