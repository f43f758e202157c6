// SPDX-License-Identifier: Apache-2.0

import Notation

/// What an event is told by, in a list and alone.
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
    /// What the secret is called that signed it; null where that is not known.
    var secret: Property<String?> { get }
    var attempts: Property<Int64> { get }
    var detail: Property<String?> { get }
    var error: Property<String?> { get }
}
