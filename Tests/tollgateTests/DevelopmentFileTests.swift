// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Settings
import TestSupport
import Testing

/// What the commands believe of the file that `tollgate dev` leaves.
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
}
