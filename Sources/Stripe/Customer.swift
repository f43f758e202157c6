// SPDX-License-Identifier: Apache-2.0

import Notation

/// A customer. Source: https://docs.stripe.com/api/customers/object
package struct Customer: Sendable, Hashable {
    package let id: String

    package init(_ object: JSON) throws(FieldError) {
        id = try Fields(object, at: "data.object").requiredID()
    }
}
