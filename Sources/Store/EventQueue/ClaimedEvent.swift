// SPDX-License-Identifier: Apache-2.0

/// A pending event that a worker holds.
package struct ClaimedEvent: Sendable {
    package let id: String
    /// As it was received; nil if retention has removed it, which it never does for a pending event.
    package let payload: [UInt8]?
    /// Nil if it could not be decoded on receipt.
    package let type: String?
    /// All lines of its invoice or Checkout session, a JSON array, if Stripe had to be asked for them.
    package let lines: [UInt8]?
    /// The hash of its customer, which determines the partition.
    let customerHash: Int

    package init(id: String, payload: [UInt8]?, type: String?, lines: [UInt8]? = nil, customerHash: Int = 0) {
        self.id = id
        self.payload = payload
        self.type = type
        self.lines = lines
        self.customerHash = customerHash
    }
}
