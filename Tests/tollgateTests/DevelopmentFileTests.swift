// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Settings
import TestSupport
import Testing

/// When the commands trust the file that `tollgate dev` writes.
@Suite struct DevelopmentFileTests {
    @Test func `a file that others may write, or that is another's, is not trusted`() async throws {
        try await TemporaryFolder.with { folder in
            #expect(mkdir("\(folder)/.tollgate", 0o755) == 0)
            let path = "\(folder)/.tollgate/dev.env"
            // Nothing listens on port 1.
            let values = [
                "STRIPE_WEBHOOK_SECRET": "whsec_ofdev000000000000000000000000000",
                "TOLLGATE_ADMIN_TOKEN": "token-of-dev-0123456789",
                "TOLLGATE_GATEWAY_TOKEN": "gateway-of-dev-0123456789",
                "TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:18080", "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:1",
            ]
            let text = DevelopmentEnvironment.text(values)
            let mine = geteuid()
            let cases: [(mode: mode_t, owner: uid_t, fault: String?)] = [
                (0o600, mine, nil), (0o644, mine, nil), (0o666, mine, "written by other users"),
                (0o620, mine, "written by other users"), (0o600, 65534, "belongs to another user"),
            ]
            // Only root can give a file away.
            for (mode, owner, fault) in cases where owner == mine || mine == 0 {
                unlink(path)
                try text.write(toFile: path, atomically: false, encoding: .utf8)
                #expect(chmod(path, mode) == 0 && chown(path, owner, getegid()) == 0)
                let ended = try await Program.run(["events", "list"], in: folder)
                #expect(ended.code == (fault == nil ? 1 : 78), "\(ended.errors)")
                #expect(ended.errors.contains(fault ?? "nothing answers at http://127.0.0.1:1"), "\(ended.errors)")
            }
            unlink(path)
            #expect(symlink("/etc/hostname", path) == 0)
            #expect(try await Program.run(["events", "list"], in: folder).code == 78)
        }
    }

    @Test func `a misspelt variable ends every command with 78, whatever the file answers`() async throws {
        try await TemporaryFolder.with { folder in
            #expect(mkdir("\(folder)/.tollgate", 0o755) == 0)
            let values = [
                "DATABASE_URL": "host=/nowhere port=5432 dbname=tollgate",
                "STRIPE_WEBHOOK_SECRET": "whsec_ofdev000000000000000000000000000",
                "TOLLGATE_ADMIN_TOKEN": "token-of-dev-0123456789", "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:1",
            ]
            let path = "\(folder)/.tollgate/dev.env"
            try DevelopmentEnvironment.text(values).write(toFile: path, atomically: false, encoding: .utf8)
            #expect(chmod(path, 0o600) == 0)
            for command in [["prune"], ["migrate"], ["spool", "drain"], ["bench", "process", "--no-post"]] {
                let ended = try await Program.run(command, environment: ["DATABASE_ULR": "x"], in: folder)
                #expect(ended.code == 78, "\(command): \(ended.errors)")
                #expect(ended.errors.contains("tollgate: DATABASE_ULR: "), "\(ended.errors)")
            }
            for command in [["events", "list"], ["healthcheck"], ["trigger", "invoice.paid"], ["spool", "list"]] {
                let ended = try await Program.run(command, environment: ["TOLLGATE_FOO": "x"], in: folder)
                #expect(ended.code == 78, "\(command): \(ended.errors)")
                #expect(ended.errors.hasPrefix("tollgate: TOLLGATE_FOO: "), "\(ended.errors)")
            }
            for command in ["prune", "migrate"] {
                let ended = try await Program.run([command], in: folder)
                #expect(ended.code == 1 && ended.errors.contains("tollgate dev does not run in this folder"))
                let other = try await Program.run([command], environment: ["DATABASE_URL": "host=/nowhere"], in: folder)
                #expect(
                    other.errors.hasPrefix("tollgate: nothing answers as PostgreSQL at the host"), "\(other.errors)")
            }
            let config = try await Program.run(["config", "--for", "spool"], in: folder)
            let lines = config.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            #expect(lines.contains("STRIPE_MODE test default"), "\(config.output)")
            #expect(lines.contains("STRIPE_WEBHOOK_SECRET 1 set: dev .tollgate/dev.env"), "\(config.output)")
            let ofDev = try await Program.run(["config", "--for", "dev"], in: folder)
            #expect(ofDev.output.contains("made by dev"), "\(ofDev.output)")
        }
    }

    @Test func `a shell can source the file, and it reads as it was written`() async throws {
        let values = [
            "DATABASE_URL": "host=/tmp/it's port=5432 user=a dbname=tollgate", "TOLLGATE_PUBLIC_ADDRESS": "[::1]:8080",
        ]
        let text = DevelopmentEnvironment.text(values)
        #expect(try DevelopmentEnvironment.parse(text) == values)
        #expect(text.contains("TOLLGATE_PUBLIC_ADDRESS=[::1]:8080\n"))
        // The form before values were quoted.
        let bare = try DevelopmentEnvironment.parse("DATABASE_URL=host=/x dbname=y\n")
        #expect(bare["DATABASE_URL"] == "host=/x dbname=y")
        let script = "set -eu\n\(text)printf %s \"$DATABASE_URL\""
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", script]
        shell.standardOutput = output
        try shell.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        #expect(String(decoding: said, as: UTF8.self) == values["DATABASE_URL"])
    }
}
