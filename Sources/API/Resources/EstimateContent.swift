// SPDX-License-Identifier: Apache-2.0

/// A call that is to be made: its context, and the longest answer that it allows.
package protocol EstimateContent: ObjectContent {
    var provider: Property<String> { get }
    var model: Property<String> { get }
    /// Without what is read from the cache or written to it.
    var inputTokens: Property<Int64> { get }
    var maxOutputTokens: Property<Int64> { get }
    var cacheReadTokens: Property<Int64?> { get }
    var cacheWrite5mTokens: Property<Int64?> { get }
    var cacheWrite1hTokens: Property<Int64?> { get }
    var batch: Property<Bool?> { get }
}
