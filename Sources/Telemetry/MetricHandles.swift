// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The handles of one metric's series, each made once: a factory finds a handle by its rendered labels, which is too slow
/// for every request. Inlined, so that callers' modules look up in a dictionary of their own key type.
@usableFromInline
package final class MetricHandles<Series: Hashable & Sendable, Handle: Sendable>: Sendable {
    @usableFromInline let make: @Sendable (Series) -> Handle
    /// Read without a lock.
    @usableFromInline let foreseen: [Series: Handle]
    @usableFromInline let others = Mutex<[Series: Handle]>([:])

    /// - Parameters:
    ///   - foreseen: the series that are there from the start. All others together have to be few: none is forgotten.
    ///   - make: asks the factory.
    @inlinable
    package init(_ foreseen: [Series] = [], make: @escaping @Sendable (Series) -> Handle) {
        self.make = make
        self.foreseen = Dictionary(uniqueKeysWithValues: Set(foreseen).map { ($0, make($0)) })
    }

    @inlinable
    package subscript(_ series: Series) -> Handle {
        if let handle = foreseen[series] { return handle }
        return others.withLock { others in
            if let handle = others[series] { return handle }
            let handle = make(series)
            others[series] = handle
            return handle
        }
    }
}
