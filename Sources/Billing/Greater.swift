// SPDX-License-Identifier: Apache-2.0

/// The larger of two values that may be unknown.
package func greater<T: Comparable>(_ one: T?, _ other: T?) -> T? {
    guard let one, let other else { return one ?? other }
    return max(one, other)
}

/// The smaller of two values that may be unknown.
func lesser<T: Comparable>(_ one: T?, _ other: T?) -> T? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
