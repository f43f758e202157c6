// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that is set once and awaited by any number of tasks.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case awaited([Int: CheckedContinuation<Value, any Error>])
        case fulfilled(Result<Value, any Error>)
    }

    private let state = Mutex((state: State.awaited([:]), nextWaiter: 0))

    /// - Returns: whether this call took effect: only the first one does.
    @discardableResult
    func fulfill(_ result: Result<Value, any Error>) -> Bool {
        let waiting = state.withLock { current -> [Int: CheckedContinuation<Value, any Error>]? in
            guard case .awaited(let waiting) = current.state else { return nil }
            current.state = .fulfilled(result)
            return waiting
        }
        for continuation in (waiting ?? [:]).values { continuation.resume(with: result) }
        return waiting != nil
    }

    /// - Throws: the error it was fulfilled with, or `CancellationError`.
    var value: Value {
        get async throws {
            let waiter = state.withLock { current in
                current.nextWaiter += 1
                return current.nextWaiter
            }
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { wait(as: waiter, $0) }
            } onCancel: {
                cancel(waiter)
            }
        }
    }

    private func wait(as waiter: Int, _ continuation: CheckedContinuation<Value, any Error>) {
        let result = state.withLock { current -> Result<Value, any Error>? in
            switch current.state {
            case .fulfilled(let result):
                return result
            case .awaited where Task.isCancelled:
                return .failure(CancellationError())
            case .awaited(var waiting):
                waiting[waiter] = continuation
                current.state = .awaited(waiting)
                return nil
            }
        }
        if let result { continuation.resume(with: result) }
    }

    private func cancel(_ waiter: Int) {
        let continuation = state.withLock { current -> CheckedContinuation<Value, any Error>? in
            guard case .awaited(var waiting) = current.state else { return nil }
            let continuation = waiting.removeValue(forKey: waiter)
            current.state = .awaited(waiting)
            return continuation
        }
        continuation?.resume(throwing: CancellationError())
    }
}
