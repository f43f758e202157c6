// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// A queue of many lines, whose first elements are served in turn: whoever fills his own line holds up nobody else's.
/// Within a line the order is that of arrival; with one line for all it is a plain queue.
struct FairQueue<Element: Sendable>: Sendable {
    private var lines: [String: Deque<Element>] = [:]
    /// The lines with something in them, in the order in which they are served next.
    private var turns: Deque<String> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func count(of line: String) -> Int { lines[line]?.count ?? 0 }

    mutating func append(_ element: Element, to line: String) {
        if lines[line, default: []].isEmpty { turns.append(line) }
        lines[line, default: []].append(element)
        count += 1
    }

    /// - Returns: the next ones, at most so many.
    mutating func take(_ limit: Int) -> [Element] {
        var taken: [Element] = []
        taken.reserveCapacity(min(limit, count))
        while taken.count < limit, let line = turns.popFirst() {
            guard let next = lines[line]?.popFirst() else { continue }
            taken.append(next)
            if lines[line]?.isEmpty ?? true { lines[line] = nil } else { turns.append(line) }
        }
        count -= taken.count
        return taken
    }

    /// - Returns: those that are removed, line by line.
    mutating func removeAll(where isRemoved: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for line in turns {
            guard let waiting = lines[line] else { continue }
            removed += waiting.filter(isRemoved)
            let rest = waiting.filter { !isRemoved($0) }
            lines[line] = rest.isEmpty ? nil : Deque(rest)
        }
        turns.removeAll { lines[$0] == nil }
        count -= removed.count
        return removed
    }

    /// Of all elements.
    func least<Value: Comparable>(_ value: (Element) -> Value) -> Value? {
        var least: Value?
        for line in lines.values {
            for element in line {
                let value = value(element)
                if least.map({ value < $0 }) ?? true { least = value }
            }
        }
        return least
    }
}
