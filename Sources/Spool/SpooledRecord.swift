import Stripe

/// One event as it came: the raw signed body and when it arrived.
public struct SpooledRecord: Sendable, Hashable {
    /// In bytes: the most that the public listener takes.
    public static let payloadLimit = 1 << 20

    public let receivedAt: Timestamp
    public let payload: [UInt8]

    public init(receivedAt: Timestamp, payload: [UInt8]) {
        self.receivedAt = receivedAt
        self.payload = payload
    }
}
