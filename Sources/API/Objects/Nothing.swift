// SPDX-License-Identifier: Apache-2.0

/// For an operation that takes no parameters or no body, or answers without one.
package struct Nothing: ObjectContent {
    package static let form = ObjectForm("Nothing", Nothing())
}
