// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess

/// Another program, such as a proxy, as a child process. Not with Foundation's `Process`: its child inherits the signal
/// mask of Swift's threads, which blocks SIGTERM, and waiting for it takes one of the few threads that all tests share.
package enum OtherProgram {
    /// Runs it while `body` runs, and ends it however `body` ends.
    /// - Parameters:
    ///   - environment: its whole environment; nil to inherit that of the tests.
    ///   - errors: a file for its standard error.
    package static func with<T: Sendable>(
        _ path: String,
        _ arguments: [String],
        environment: [String: String]? = nil,
        errors: String = "/dev/null",
        _ body: () async throws -> T
    ) async throws -> T {
        let descriptor = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        let result = try await Subprocess.run(
            .path(.init(path)),
            arguments: Arguments(arguments),
            environment: environment.map { .custom(Self.keys($0)) } ?? .inherit,
            input: .none,
            output: .discarded,
            error: .fileDescriptor(.init(rawValue: descriptor), closeAfterSpawningProcess: false)
        ) { execution in
            let result: Result<T, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(20))])
            return result
        }
        return try result.closureResult.get()
    }

    private static func keys(_ environment: [String: String]) -> [Environment.Key: String] {
        Dictionary(
            environment.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } },
            uniquingKeysWith: { $1 })
    }
}
