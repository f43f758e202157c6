import ArgumentParser

/// Ends a command as scripts rely on: one line on standard error, and 78 for wrong configuration, 1 for what failed.
enum ExitReport {
    static let wrongConfiguration = ExitCode(78)

    static func reporting(_ body: () async throws -> Void) async throws {
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
        if let fault = StandardOutput.finish() {
            say("tollgate: standard output cannot be written: \(fault)")
            throw ExitCode.failure
        }
    }

    /// A line for people, so that standard output holds answers only.
    static func say(_ message: String) {
        StandardError.write(Array("\(message)\n".utf8))
    }
}
