// SPDX-License-Identifier: Apache-2.0

/// How many lines a page of a list may have.
package enum PageLimit {
    package static let range = 1...100
    package static let standard = 10
}
