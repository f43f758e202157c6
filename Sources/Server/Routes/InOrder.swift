// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Answers that come in any order, from any thread, in the order in which they were asked for.
enum InOrder {
    /// - Parameter ask: calls its second argument once.
    static func gather<Item, Answer: Sendable>(
        _ items: [Item], _ ask: (Item, @escaping @Sendable (Answer) -> Void) -> Void
    ) async -> [Answer] {
        if items.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            let gathering = Gathering<Answer>(count: items.count)
            for (place, item) in items.enumerated() {
                ask(item) { answer in
                    guard let all = gathering.add(answer, at: place) else { return }
                    continuation.resume(returning: all)
                }
            }
        }
    }

    private final class Gathering<Answer: Sendable>: Sendable {
        private let count: Int
        private let answers = Mutex<[Int: Answer]>([:])

        init(count: Int) {
            self.count = count
        }

        /// - Returns: all of them, in order, if this was the last.
        func add(_ answer: Answer, at place: Int) -> [Answer]? {
            answers.withLock { answers in
                answers[place] = answer
                return answers.count == count ? (0..<count).compactMap { answers[$0] } : nil
            }
        }
    }
}
