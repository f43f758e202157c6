// SPDX-License-Identifier: Apache-2.0

import Notation

/// What both lists and counts of events are narrowed by.
package protocol EventFilterContent: EventSelectionContent {
    var receivedAfter: Property<Timestamp?> { get }
    var receivedBefore: Property<Timestamp?> { get }
    var secret: Property<String?> { get }
}
