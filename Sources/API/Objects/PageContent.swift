// SPDX-License-Identifier: Apache-2.0

/// A page of a list.
package protocol PageContent: ObjectContent {
    associatedtype Line: ObjectContent

    var data: Property<[Object<Line>]> { get }
    /// Nil of a list that comes whole.
    var hasMore: Property<Bool> { get }

    /// What `starting_after` takes to go on behind a line.
    static func cursor(of line: Object<Line>) -> String
}
