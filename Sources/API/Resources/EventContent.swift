// SPDX-License-Identifier: Apache-2.0

import Notation

/// The properties of an event, in a list and on its own.
package protocol EventContent: ObjectContent {
    var id: Property<String> { get }
    var type: Property<String?> { get }
    var status: Property<String> { get }
    var created: Property<Timestamp?> { get }
    var receivedAt: Property<Timestamp> { get }
    var customer: Property<String?> { get }
    var livemode: Property<Bool?> { get }
    var account: Property<String?> { get }
    var apiVersion: Property<String?> { get }
    /// The name of the secret that signed it; null if unknown.
    var secret: Property<String?> { get }
    /// How it came.
    var source: Property<String> { get }
    var attempts: Property<Int64> { get }
    var detail: Property<String?> { get }
    var error: Property<String?> { get }
}
