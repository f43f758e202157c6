import NIOCore

/// Events that are posted one after the other, signed ahead.
struct EventStock: RequestSource {
    private var forge: EventForge
    private var stamps: [UInt8] = []
    private var position = 0
    private let signsOnDemand: Bool

    /// - Parameter signsOnDemand: whether events are signed as they are sent, without end. Costs the generator some
    ///   microseconds each.
    init(_ forge: EventForge, signsOnDemand: Bool = false) {
        self.forge = forge
        self.signsOnDemand = signsOnDemand
    }

    /// How many events are there to send.
    var count: Int { stamps.count / EventStamp.size - position }

    /// Signs more events ahead.
    mutating func add(_ count: Int) throws {
        stamps.reserveCapacity(stamps.count + count * EventStamp.size)
        try forge.make(count, into: &stamps)
    }

    /// Leaves out what another copy of this stock has sent.
    mutating func skip(_ count: Int) {
        position += count
    }

    mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        var start = position * EventStamp.size
        if start >= stamps.count {
            guard signsOnDemand else { return false }
            stamps.removeAll(keepingCapacity: true)
            (position, start) = (0, 0)
            try forge.make(1, into: &stamps)
        }
        forge.mold(of: stamps[start + EventStamp.kind]).write(stamps, at: start, to: &buffer)
        position += 1
        return true
    }
}
