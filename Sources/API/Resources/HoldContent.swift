// SPDX-License-Identifier: Apache-2.0

import Notation

/// The properties of a hold that every answer about it has.
package protocol HoldContent: ObjectContent {
    var hold: Property<String> { get }
    var customer: Property<String> { get }
    var status: Property<String> { get }
    var granted: Property<Int64> { get }
    var createdAt: Property<Timestamp> { get }
    var expiresAt: Property<Timestamp> { get }
    /// Once it is settled, the balance just after that.
    var available: Property<Int64> { get }
    var credits: Property<Int64?> { get }
    /// This and what follows: of a settled hold.
    var debited: Property<Int64?> { get }
    var released: Property<Int64?> { get }
    /// How far below zero the settlement took the balance.
    var overdraft: Property<Int64?> { get }
    /// Whether it was settled after its expiry.
    var late: Property<Bool?> { get }
}
