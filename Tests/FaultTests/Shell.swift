// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Subprocess

/// Runs the system's programs.
enum Shell {
    struct Ended: Sendable {
        let code: Int32
        let output: String
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Waits until it has ended. Its output goes to a file: a daemon that it starts may keep a pipe open.
    static func run(_ command: [String]) async throws -> Ended {
        let path = "/tmp/tollgate-fault-output-\(UInt64.random(in: .min ... .max))"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failed(description: path) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let result = try await Subprocess.run(
            .path("/usr/bin/env"),
            arguments: Arguments(command),
            workingDirectory: "/tmp",
            input: .none,
            output: .fileDescriptor(.init(rawValue: descriptor), closeAfterSpawningProcess: false),
            error: .fileDescriptor(.init(rawValue: descriptor), closeAfterSpawningProcess: false)
        )
        let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return Ended(code: code, output: try String(contentsOfFile: path, encoding: .utf8))
    }

    static func check(_ command: String...) async throws {
        let ended = try await run(command)
        guard ended.code == 0 else { throw Failed(description: "\(command): \(ended.output)") }
    }
}
