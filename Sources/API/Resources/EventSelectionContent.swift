// SPDX-License-Identifier: Apache-2.0

import Notation

/// What events are chosen by, wherever some are: to be listed, counted or replayed.
package protocol EventSelectionContent: ObjectContent {
    var type: Property<String?> { get }
    var customer: Property<String?> { get }
    var createdAfter: Property<Timestamp?> { get }
    var createdBefore: Property<Timestamp?> { get }
}
