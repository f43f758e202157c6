// SPDX-License-Identifier: Apache-2.0

import Cluster
import Foundation
import Glibc

/// A folder for the time of a test.
enum TemporaryFolder {
    /// - Parameter mode: by default others may enter: for root, PostgreSQL runs as another user.
    static func with<T>(mode: mode_t = 0o755, _ body: (String) async throws -> T) async throws -> T {
        let folder = "/tmp/tollgate-test-\(UInt64.random(in: .min ... .max))"
        guard mkdir(folder, mode) == 0, chmod(folder, mode) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        let result: Result<T, any Error>
        do {
            result = .success(try await body(folder))
        } catch {
            result = .failure(error)
        }
        // A failed test of `dev` may leave a running cluster, and data in another folder.
        try await Task { try await PrivateCluster.remove(in: folder + "/.tollgate") }.value
        try FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }
}
