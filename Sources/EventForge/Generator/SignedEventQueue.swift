// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Events that are posted one after another, signed ahead.
package struct SignedEventQueue: Sendable {
    private var generator: EventGenerator
    private var records: [UInt8] = []
    private var position = 0
    private let signsOnDemand: Bool

    /// - Parameter signsOnDemand: whether to sign events as they are sent, without end. Costs the generator a few
    ///   microseconds each.
    package init(_ generator: EventGenerator, signsOnDemand: Bool = false) {
        self.generator = generator
        self.signsOnDemand = signsOnDemand
    }

    /// How many events are ready to be sent.
    package var count: Int { records.count / EventFields.size - position }

    /// Signs more events ahead.
    package mutating func add(_ count: Int) throws {
        records.reserveCapacity(records.count + count * EventFields.size)
        try generator.make(count, into: &records)
    }

    /// Skips what another copy of this queue has sent.
    package mutating func skip(_ count: Int) {
        position += count
    }

    package mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        var start = position * EventFields.size
        if start >= records.count {
            guard signsOnDemand else { return false }
            records.removeAll(keepingCapacity: true)
            (position, start) = (0, 0)
            try generator.make(1, into: &records)
        }
        generator.template(of: records[start + EventFields.kind]).write(records, at: start, to: &buffer)
        position += 1
        return true
    }
}
