// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Settings
import Telemetry

/// Ends a command as scripts rely on: one line on standard error, and 78 for wrong configuration, 1 for what failed.
package enum ExitReport {
    package static let wrongConfiguration = ExitCode(78)
    /// As a shell tells of a process that SIGPIPE ended, which the networking library keeps from us.
    static let closedPipe = ExitCode(128 + SIGPIPE)

    package static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ConfigurationError {
            say("tollgate: \(error)")
            throw wrongConfiguration
        } catch  where error is ExitCode || error is ValidationError || error is CleanExit {
            throw error
        } catch {
            say("tollgate: \(error)")
            throw ExitCode.failure
        }
        switch StandardOutput.finish() {
        case nil: break
        // `| head` has seen enough: that is no fault.
        case EPIPE: throw closedPipe
        case .some(let code):
            say("tollgate: standard output cannot be written: \(String(cString: strerror(code)).lowercased())")
            throw ExitCode.failure
        }
    }

    /// A line for people, so that standard output holds answers only.
    package static func say(_ message: String) {
        StandardError.write(Array("\(message)\n".utf8))
    }
}
