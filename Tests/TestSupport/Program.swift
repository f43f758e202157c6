// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Subprocess
import Synchronization

/// The real binary as a child process. Of the variables that Tollgate or PostgreSQL read, it gets only those that a
/// test sets.
package final class Program: Sendable {
    package struct Ended: Sendable {
        package let status: TerminationStatus
        /// Standard output.
        package let output: String
        /// Standard error.
        package let errors: String

        /// Nil if a signal ended it.
        package var code: Int32? {
            if case .exited(let code) = status { code } else { nil }
        }
    }

    package struct EndedTooSoon: Error, CustomStringConvertible {
        package let description: String
    }

    package let process: pid_t
    private let name: String
    private let outputFile: UnnamedFile
    private let errorFile: UnnamedFile
    private let terminal: PseudoTerminal?
    private let ending = Mutex<Result<TerminationStatus, any Error>?>(nil)

    /// Lends a running program, and ends it however `body` ends.
    /// - Parameters:
    ///   - terminal: where standard output and standard error go, if not into files.
    ///   - descriptors: how many it may have, set with `ulimit -n`.
    ///   - file: where standard output goes instead.
    package static func with<T>(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: String = "/",
        on terminal: PseudoTerminal? = nil,
        descriptors: Int? = nil,
        writingTo file: String? = nil,
        _ body: (Program) async throws -> T
    ) async throws -> T {
        let program = try await Program(arguments, environment, folder, terminal, descriptors, file)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(program))
        } catch {
            print("\(program.name) said, before \(error):\n\(program.errors)")
            result = .failure(error)
        }
        try await program.end()
        return try result.get()
    }

    /// Runs it and waits for its end.
    package static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: String = "/",
        on terminal: PseudoTerminal? = nil
    ) async throws -> Ended {
        try await with(arguments, environment: environment, in: folder, on: terminal) { try await $0.ended() }
    }

    private init(
        _ arguments: [String], _ environment: [String: String], _ folder: String, _ terminal: PseudoTerminal?,
        _ descriptors: Int?, _ file: String?
    ) async throws {
        self.terminal = terminal
        name = "tollgate \(arguments.joined(separator: " "))"
        let output = try file.map(UnnamedFile.init(existing:)) ?? UnnamedFile()
        let errors = try UnnamedFile()
        (outputFile, errorFile) = (output, errors)
        // The shell replaces itself with the program.
        let command =
            descriptors.map { ["/bin/sh", "-c", "ulimit -n \($0); exec \"$0\" \"$@\"", Self.binary] } ?? [Self.binary]
        let (ends, end) = AsyncStream<Result<TerminationStatus, any Error>>.makeStream()
        process = try await withCheckedThrowingContinuation { started in
            Task {
                var isStarted = false
                do {
                    let result = try await Subprocess.run(
                        .path(.init(command[0])),
                        arguments: Arguments(Array(command.dropFirst()) + arguments),
                        environment: .custom(Self.environment(with: environment)),
                        workingDirectory: .init(folder),
                        input: .none,
                        output: .fileDescriptor(
                            .init(rawValue: terminal?.descriptor ?? output.descriptor),
                            closeAfterSpawningProcess: false),
                        error: .fileDescriptor(
                            .init(rawValue: terminal?.descriptor ?? errors.descriptor),
                            closeAfterSpawningProcess: false)
                    ) { execution in
                        isStarted = true
                        started.resume(returning: execution.processIdentifier.value)
                    }
                    end.yield(.success(result.terminationStatus))
                } catch {
                    if !isStarted { started.resume(throwing: error) }
                    end.yield(.failure(error))
                }
                end.finish()
            }
        }
        Task { for await result in ends { ending.withLock { $0 = result } } }
    }

    /// What it has written so far; on a terminal, both streams together.
    package var output: String { terminal?.text ?? outputFile.text }
    package var errors: String { terminal?.text ?? errorFile.text }

    package var hasEnded: Bool {
        // If nobody reads the terminal, it blocks.
        _ = terminal?.text
        return ending.withLock { $0 != nil }
    }

    package func send(_ signal: Int32) {
        // Another process may have the id of one that has ended.
        ending.withLock { if $0 == nil { kill(process, signal) } }
    }

    /// Waits for its end.
    package func ended(within limit: Duration = .seconds(60)) async throws -> Ended {
        let result = try await eventually("the end of \(name)", within: limit) {
            hasEnded ? ending.withLock { $0 } : nil
        }
        return Ended(status: try result.get(), output: output, errors: errors)
    }

    /// A line of its JSON log with this message, once there is one.
    package func logged(_ message: String, within limit: Duration = .seconds(60)) async throws -> LogLine {
        try await eventually("\"\(message)\" of \(name)", within: limit) {
            if let line = LogLine.all(in: errors).first(where: { $0.message == message }) { return line }
            if hasEnded { throw EndedTooSoon(description: "\(name) ended before it said \"\(message)\": \(errors)") }
            return nil
        }
    }

    /// Ends it as an operator would, or kills it if it does not react. In a new task, as the test's may be cancelled.
    private func end() async throws {
        try await Task {
            send(SIGTERM)
            do {
                _ = try await ended(within: .seconds(40))
            } catch {
                send(SIGKILL)
                _ = try await ended()
            }
        }.value
    }

    /// `scripts/test` sets the path; otherwise it is beside the tests' bundle.
    private static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["TOLLGATE_TEST_BINARY"] { return path }
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: "tollgate").path
    }()

    private static func environment(with own: [String: String]) -> [Environment.Key: String] {
        let prefixes = ["TOLLGATE_", "STRIPE_", "PG", "DATABASE_URL"]
        let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
            !prefixes.contains(where: name.hasPrefix)
        }
        var environment: [Environment.Key: String] = [:]
        for (name, value) in inherited.merging(own, uniquingKeysWith: { $1 }) {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        return environment
    }
}

/// A file that is gone once nobody holds it open: a child can fill it without a reader, and leaves nothing behind.
private final class UnnamedFile: Sendable {
    let descriptor: Int32

    init() throws {
        var path = Array("/tmp/tollgate-test-output-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// An existing file, such as a device.
    init(existing path: String) throws {
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { close(descriptor) }

    var text: String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}
