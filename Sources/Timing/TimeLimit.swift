// SPDX-License-Identifier: Apache-2.0

/// Cancels work that takes too long. For work that cannot be cancelled there is `Deadline`.
package enum TimeLimit {
    /// - Parameter late: what is thrown once the limit has passed.
    /// - Throws: also what `work` throws; `CancellationError` if the task was cancelled.
    package static func within<T: Sendable>(
        _ limit: Duration, orThrow late: any Error, _ work: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T.self) { group in
            defer { group.cancelAll() }
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: limit)
                throw late
            }
            for try await result in group { return result }
            throw late
        }
    }
}
