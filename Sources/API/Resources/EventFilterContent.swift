// SPDX-License-Identifier: Apache-2.0

import Notation

/// The filters of both lists and counts of events.
package protocol EventFilterContent: EventSelectionContent {
    var receivedAfter: Property<Timestamp?> { get }
    var receivedBefore: Property<Timestamp?> { get }
    var secret: Property<String?> { get }
    var source: Property<EventsAPI.SourceWord?> { get }
    var missed: Property<Bool?> { get }
}
