// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Settings
import Telemetry

/// Ends a command as scripts expect: one line on standard error, and exit code 78 for wrong configuration, 1 for a
/// failure.
package enum ExitReport {
    package static let wrongConfiguration = ExitCode(78)
    /// What a shell reports for a process that SIGPIPE ended; the networking library makes this one ignore the signal.
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
        // The reader, such as `| head`, has closed the pipe: no error message.
        if StandardOutput.finish() == EPIPE { throw closedPipe }
        if let fault = StandardOutput.fault {
            say("tollgate: \(fault)")
            throw ExitCode.failure
        }
    }

    /// Prints a line for people to standard error: standard output holds answers only.
    package static func say(_ message: String) {
        StandardError.write(Array("\(message)\n".utf8))
    }
}
