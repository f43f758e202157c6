// SPDX-License-Identifier: Apache-2.0

/// How many lines a page of a list may have.
package enum PageLimit {
    package static let range = 1...100
    package static let standard = 10

    /// Of lists of what gateways and customers make.
    package static let longRange = 1...1000
    package static let longStandard = 100
}
