// SPDX-License-Identifier: Apache-2.0

/// A page of a list.
package protocol PageContent: ObjectContent {
    associatedtype Line: ObjectContent

    var data: Property<[Object<Line>]> { get }
    /// Nil for a list that is sent whole.
    var hasMore: Property<Bool> { get }

    /// The value of `starting_after` that continues after a line.
    static func cursor(of line: Object<Line>) -> String
}
