// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The id of a customer as an operator writes it.
package enum CustomerID {
    /// - Throws: `ValidationError` if no customer can have it.
    package static func check(_ id: String) throws {
        guard CustomersAPI.admits(customer: id) else {
            throw ValidationError(
                "\"\(id)\" is no customer id: letters, digits, hyphens and underscores, such as \"cus_1A2b3C\".")
        }
    }
}
