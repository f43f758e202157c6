// SPDX-License-Identifier: Apache-2.0

/// What was waited for did not happen.
package struct NeverCame: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// Waits until `body` returns a value, checking every few milliseconds.
@discardableResult
package func eventually<T>(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ body: () async throws -> T?
) async throws -> T {
    let end = ContinuousClock.now + limit
    while true {
        if let value = try await body() { return value }
        guard ContinuousClock.now < end else { throw NeverCame(description: "\(what) did not happen in \(limit)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}
