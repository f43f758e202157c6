// SPDX-License-Identifier: Apache-2.0

/// Of an operation that takes no parameters, no body, or answers without one.
package struct Nothing: ObjectContent {
    package static let form = ObjectForm("Nothing", Nothing())
}
