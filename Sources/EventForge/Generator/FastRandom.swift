// SPDX-License-Identifier: Apache-2.0

/// SplitMix64, seeded by the system: random enough to pick a customer, without asking the kernel each time.
package struct FastRandom: RandomNumberGenerator, Sendable {
    private var state = UInt64.random(in: .min ... .max)

    package init() {}

    package mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mix(state)
    }

    /// The number at a position of the sequence that a seed begins, without those before it.
    package static func number(_ position: Int, from seed: UInt64) -> UInt64 {
        mix(seed &+ UInt64(position) &* step)
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ state: UInt64) -> UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
