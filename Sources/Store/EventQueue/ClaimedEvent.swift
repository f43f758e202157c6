// SPDX-License-Identifier: Apache-2.0

/// A pending event in a worker's hands.
package struct ClaimedEvent: Sendable {
    package let id: String
    /// As it was received; nil where retention has taken it, which it does of no pending event.
    package let payload: [UInt8]?
    /// Nil where it could not be decoded at the receipt.
    package let type: String?
    /// Of its customer, as partitions go by it.
    let customerHash: Int

    package init(id: String, payload: [UInt8]?, type: String?, customerHash: Int = 0) {
        self.id = id
        self.payload = payload
        self.type = type
        self.customerHash = customerHash
    }
}
