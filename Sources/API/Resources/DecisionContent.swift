// SPDX-License-Identifier: Apache-2.0

import Notation

/// The properties of a decision about a customer, wherever it appears.
package protocol DecisionContent: ObjectContent {
    var allowed: Property<Bool> { get }
    var reason: Property<String> { get }
    /// When it ends by itself.
    var until: Property<Timestamp?> { get }
    var credits: Property<Int64> { get }
    /// Grows with every change of the answer.
    var version: Property<Int64> { get }
}
